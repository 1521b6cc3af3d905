// Interface names: types, their numbers, and the one canonical spelling.
//
// Types: guide pages 130-134 (Tunnel), 477 (GigabitEthernet with sub-interfaces); LoopBack and NULL as on sibling
// devices. Number ranges are our choice except the module's single slot 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/grammar/view.h"

namespace sw::cli {

struct InterfaceType {
  std::string_view name;
  View view;
  std::int64_t highest;  // numbers run from 0
  bool slot;             // written 0/NUMBER
  bool subinterfaces;    // NUMBER.SUB
  std::string_view help;
  std::string_view number_help;  // the number's type as `?` shows it
};
std::span<const InterfaceType> InterfaceTypes();

struct InterfaceName {
  const InterfaceType* type;
  std::int64_t number = 0;
  std::optional<std::int64_t> sub;

  std::string ToString() const;  // GigabitEthernet0/0.1
  static std::optional<InterfaceName> ParseNumber(const InterfaceType& type, std::string_view number);
  // Type and number in one word; the type may be abbreviated as long as it is unique.
  static std::optional<InterfaceName> Parse(std::string_view word);
};

}  // namespace sw::cli
