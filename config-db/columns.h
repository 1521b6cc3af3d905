// How the tables of a subject are written down: one call per column.
#pragma once

#include "config-db/schema.h"

namespace sw::configdb {

constexpr Column Flag(std::string_view name) {
  return {.name = name, .type = Type::kInt, .low = 0, .high = 1};
}
constexpr Column Int(std::string_view name, std::int64_t low, std::int64_t high) {
  return {.name = name, .type = Type::kInt, .low = low, .high = high};
}
constexpr Column Text(std::string_view name, std::int64_t low, std::int64_t high) {
  return {.name = name, .type = Type::kText, .low = low, .high = high};
}
constexpr Column Word(std::string_view name, std::string_view one_of) {
  return {.name = name, .type = Type::kText, .one_of = one_of};
}
constexpr Column Address(std::string_view name) {
  return Text(name, 7, 15);
}
constexpr Column Required(Column column) {
  column.required = true;
  return column;
}
constexpr Column Refers(std::string_view to, Column column) {
  column.refers_to = to;
  return column;
}
constexpr Column Secret(std::string_view name, std::int64_t high) {
  return {.name = name, .type = Type::kText, .low = 1, .high = high, .secret = true};
}

// A secret is a pair: NAME and NAME_form, which says whether it is plain or concealed text.
inline constexpr std::string_view kForms = "simple|cipher";
inline constexpr std::int64_t kMaxCipherText = 512;

}  // namespace sw::configdb
