// Typed arguments of a command's form: what a token must look like, how it is shown by `?`, and the value it stands
// for. The forms:
//   <name:int:LOW-HIGH>  <name:int:LOW-HIGH:PRESET>   a number; the preset is stored as "not set"
//   <name:ip>                                         a dotted address
//   <name:mask>                                       a dotted mask; its value is the mask length
//   <name:wildcard>                                   a dotted wildcard, or 0 for 0.0.0.0
//   <name:string:MIN-MAX>                             one word
//   <name:text:MIN-MAX>                               the rest of the line
//   <name:interface>                                  type and number, in one word or two
//   <name:interface-type>                             the type alone
//   <name:named:TABLE> <name:named:TABLE:LOW-HIGH>    a name out of a table (cli/grammar/named_values.h), or a number
//   <name:time> <name:hour-minute>                    HH:MM:SS and HH:MM
//   <name:hours-minutes>                              HHH:MM, a while of up to 720 hours
//   <name:date> <name:us-date>                        YYYY/MM/DD and MM/DD/YYYY; both are typed either way
//   <name:mac> <name:hex>                             H-H-H and a hexadecimal number of 16 bits
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/grammar/named_values.h"

namespace sw::cli {

enum class ArgumentType : std::uint8_t {
  kInt,
  kAddress,
  kMask,
  kWildcard,
  kString,
  kText,
  kInterfaceWord,    // type and number in one word
  kInterfaceNumber,  // the number behind a type keyword
  kNamed,
  kTime,
  kHourMinute,
  kHoursMinutes,
  kDate,
  kUsDate,
  kMac,
  kHex,
};

struct ArgumentSpec {
  ArgumentType type = ArgumentType::kString;
  std::int64_t low = 0, high = 0;
  std::optional<std::int64_t> preset;
  std::string_view interface_type;    // kInterfaceNumber
  std::span<const NamedValue> names;  // kNamed; with low and high both 0 nothing but a name will do
};

// nullopt when the text after the name is not one of the forms above (the interface forms are expanded elsewhere).
std::optional<ArgumentSpec> ParseArgumentSpec(std::string_view spec);

// The value `token` stands for, canonical; nullopt when it is refused.
std::optional<std::string> AcceptArgument(const ArgumentSpec& spec, std::string_view token);
std::string DescribeArgument(const ArgumentSpec& spec);  // INTEGER<1-255>, X.X.X.X ...
// How a stored value is written in the configuration: masks dotted, wildcard 0.0.0.0 as 0, numbers by their name, the
// rest as it is.
std::string PrintArgument(const ArgumentSpec& spec, std::string_view value);

}  // namespace sw::cli
