#include "cli/grammar/argument.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/grammar/interface_name.h"
#include "cli/grammar/text.h"
#include "cli/grammar/words.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view TakeField(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

std::optional<ArgumentType> TypeOf(std::string_view name) {
  constexpr std::pair<std::string_view, ArgumentType> kTypes[] = {
      {"int", ArgumentType::kInt},
      {"ip", ArgumentType::kAddress},
      {"mask", ArgumentType::kMask},
      {"wildcard", ArgumentType::kWildcard},
      {"string", ArgumentType::kString},
      {"text", ArgumentType::kText},
      {"named", ArgumentType::kNamed},
      {"time", ArgumentType::kTime},
      {"hour-minute", ArgumentType::kHourMinute},
      {"hours-minutes", ArgumentType::kHoursMinutes},
      {"date", ArgumentType::kDate},
      {"us-date", ArgumentType::kUsDate},
      {"mac", ArgumentType::kMac},
      {"hex", ArgumentType::kHex},
  };
  for (const auto& [word, type] : kTypes) {
    if (word == name) return type;
  }
  return std::nullopt;
}

const InterfaceType* FindType(std::string_view name) {
  for (const InterfaceType& type : InterfaceTypes()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

// A name, in full or as far as it is unique, or a number in range.
std::optional<std::string> AcceptNamed(const ArgumentSpec& spec, std::string_view token) {
  const NamedValue* found = nullptr;
  bool unique = true;
  for (const NamedValue& each : spec.names) {
    if (SameWord(each.name, token)) return std::string(each.value);
    if (!HasPrefix(each.name, token)) continue;
    unique = found == nullptr;
    found = &each;
  }
  if (found != nullptr) return unique ? std::optional(std::string(found->value)) : std::nullopt;
  if (spec.low == spec.high) return std::nullopt;
  ArgumentSpec number = spec;
  number.type = ArgumentType::kInt;
  return AcceptArgument(number, token);
}

}  // namespace

std::optional<ArgumentSpec> ParseArgumentSpec(std::string_view spec) {
  ArgumentSpec out;
  const std::optional<ArgumentType> type = TypeOf(TakeField(spec, ':'));
  if (!type) return std::nullopt;
  out.type = *type;
  if (*type == ArgumentType::kNamed) {
    const auto names = NamedValuesOf(TakeField(spec, ':'));
    if (!names) return std::nullopt;
    out.names = *names;
    if (spec.empty()) return out;
  }
  const bool ranged = *type == ArgumentType::kInt || *type == ArgumentType::kString || *type == ArgumentType::kText ||
                      *type == ArgumentType::kNamed;
  if (!ranged) return spec.empty() ? std::optional(out) : std::nullopt;
  std::string_view range = TakeField(spec, ':');
  const std::optional<std::int64_t> low = Number(TakeField(range, '-')), high = Number(range);
  if (!low || !high || *low > *high) return std::nullopt;
  out.low = *low;
  out.high = *high;
  if (spec.empty()) return out;
  out.preset = Number(spec);
  if (*type != ArgumentType::kInt || !out.preset) return std::nullopt;
  return out;
}

std::optional<std::string> AcceptArgument(const ArgumentSpec& spec, std::string_view token) {
  const auto size = static_cast<std::int64_t>(token.size());
  switch (spec.type) {
    case ArgumentType::kInt: {
      const std::optional<std::int64_t> number = Number(token);
      if (!number || token.front() == '-' || *number < spec.low || *number > spec.high) return std::nullopt;
      return std::to_string(*number);
    }
    case ArgumentType::kAddress: {
      const std::optional<Ipv4> address = Ipv4::Parse(token);
      return address ? std::optional(address->ToString()) : std::nullopt;
    }
    case ArgumentType::kMask: {
      const std::optional<Ipv4> mask = Ipv4::Parse(token);
      const std::optional<std::uint8_t> length = mask ? MaskLength(*mask) : std::nullopt;
      return length ? std::optional(std::to_string(*length)) : std::nullopt;
    }
    case ArgumentType::kWildcard: {
      const std::optional<Ipv4> wildcard = token == "0" ? Ipv4() : Ipv4::Parse(token);
      return wildcard ? std::optional(wildcard->ToString()) : std::nullopt;
    }
    case ArgumentType::kString:
    case ArgumentType::kText:
      if (size < spec.low || size > spec.high) return std::nullopt;
      return std::string(token);
    case ArgumentType::kInterfaceWord: {
      const std::optional<InterfaceName> name = InterfaceName::Parse(token);
      return name ? std::optional(name->ToString()) : std::nullopt;
    }
    case ArgumentType::kInterfaceNumber: {
      const InterfaceType* type = FindType(spec.interface_type);
      const std::optional<InterfaceName> name = InterfaceName::ParseNumber(*type, token);
      return name ? std::optional(name->ToString()) : std::nullopt;
    }
    case ArgumentType::kNamed:
      return AcceptNamed(spec, token);
    case ArgumentType::kTime:
      return AcceptTime(token);
    case ArgumentType::kHourMinute:
      return AcceptHourMinute(token);
    case ArgumentType::kHoursMinutes:
      return AcceptHoursMinutes(token);
    case ArgumentType::kDate:
    case ArgumentType::kUsDate:
      return AcceptDate(token, spec.type == ArgumentType::kUsDate);
    case ArgumentType::kMac:
      return AcceptMac(token);
    case ArgumentType::kHex:
      return AcceptHex(token);
  }
  return std::nullopt;
}

std::string DescribeArgument(const ArgumentSpec& spec) {
  switch (spec.type) {
    case ArgumentType::kInt:
      return fmt::format("INTEGER<{}-{}>", spec.low, spec.high);
    case ArgumentType::kAddress:
    case ArgumentType::kMask:
    case ArgumentType::kWildcard:
      return "X.X.X.X";
    case ArgumentType::kString:
      return fmt::format("STRING<{}-{}>", spec.low, spec.high);
    case ArgumentType::kText:
      return fmt::format("TEXT<{}-{}>", spec.low, spec.high);
    case ArgumentType::kInterfaceWord:
      return {};
    case ArgumentType::kInterfaceNumber:
      return std::string(FindType(spec.interface_type)->number_help);
    case ArgumentType::kNamed:
      return spec.low == spec.high ? std::string() : fmt::format("INTEGER<{}-{}>", spec.low, spec.high);
    case ArgumentType::kTime:
      return "HH:MM:SS";
    case ArgumentType::kHourMinute:
      return "HH:MM";
    case ArgumentType::kHoursMinutes:
      return "HHH:MM";
    case ArgumentType::kDate:
      return "YYYY/MM/DD";
    case ArgumentType::kUsDate:
      return "MM/DD/YYYY";
    case ArgumentType::kMac:
      return "H-H-H";
    case ArgumentType::kHex:
      return "HEX<0000-ffff>";
  }
  return {};
}

std::string PrintArgument(const ArgumentSpec& spec, std::string_view value) {
  if (spec.type == ArgumentType::kMask) {
    const Prefix prefix{{}, static_cast<std::uint8_t>(Number(value).value_or(0))};
    return prefix.mask().ToString();
  }
  if (spec.type == ArgumentType::kNamed) {
    for (const NamedValue& each : spec.names) {
      if (each.value == value) return std::string(each.name);
    }
  }
  if (spec.type == ArgumentType::kWildcard && value == "0.0.0.0") return "0";
  return std::string(value);
}

}  // namespace sw::cli
