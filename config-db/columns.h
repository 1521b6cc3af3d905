// How the settings of a subject are written down: one call per column.
//
//   Int("register_interval", 3, 60, {.preset = 10, .unit = "seconds", .origin = kMib})
//   Int("register_interval", dvpn::kRegisterInterval, {.unit = "seconds", .origin = kMib})    the engine needs it too
#pragma once

#include "config-db/schema.h"

namespace sw::configdb {

// What is known of a setting beside its name, type and range; the fields are those of Column.
struct Facts {
  std::optional<std::int64_t> preset = {};
  std::string_view preset_words = {};
  std::string_view unit = {};
  std::string_view origin = {};
  std::string_view refers_to = {};
  bool required = false;
  bool keeps_preset = false;
};

constexpr Column With(Column column, const Facts& facts) {
  column.preset = facts.preset;
  column.preset_words = facts.preset_words;
  column.unit = facts.unit;
  column.origin = facts.origin;
  column.refers_to = facts.refers_to;
  column.required = facts.required;
  column.keeps_preset = facts.keeps_preset;
  return column;
}

constexpr Column Int(std::string_view name, std::int64_t low, std::int64_t high, const Facts& facts = {}) {
  return With({.name = name, .type = Type::kInt, .low = low, .high = high}, facts);
}
// Range and default of the engine's: something with low, high and preset.
template <typename Range>
constexpr Column Int(std::string_view name, const Range& range, Facts facts = {}) {
  facts.preset = range.preset;
  return Int(name, range.low, range.high, facts);
}
constexpr Column Flag(std::string_view name, const Facts& facts = {}) {
  return Int(name, 0, 1, facts);
}
constexpr Column Text(std::string_view name, std::int64_t low, std::int64_t high, const Facts& facts = {}) {
  return With({.name = name, .type = Type::kText, .low = low, .high = high}, facts);
}
constexpr Column Word(std::string_view name, std::string_view one_of, const Facts& facts = {}) {
  return With({.name = name, .type = Type::kText, .one_of = one_of}, facts);
}
constexpr Column Shaped(Shape shape, std::string_view name, std::int64_t low, std::int64_t high,
                        const Facts& facts = {}) {
  Column column = Text(name, low, high, facts);
  column.shape = shape;
  return column;
}
constexpr Column Line(std::string_view name, std::int64_t low, std::int64_t high, const Facts& facts = {}) {
  return Shaped(Shape::kLine, name, low, high, facts);
}
constexpr Column Address(std::string_view name, const Facts& facts = {}) {
  return Shaped(Shape::kAddress, name, 7, 15, facts);
}
constexpr Column Mac(std::string_view name, const Facts& facts = {}) {
  return Shaped(Shape::kMac, name, 14, 14, facts);
}
constexpr Column Hex(std::string_view name, const Facts& facts = {}) {
  return Shaped(Shape::kHex, name, 4, 4, facts);
}
constexpr Column Time(std::string_view name, const Facts& facts = {}) {
  return Shaped(Shape::kTime, name, 8, 8, facts);
}
constexpr Column Date(std::string_view name, const Facts& facts = {}) {
  return Shaped(Shape::kDate, name, 10, 10, facts);
}
// A secret that is always plain text.
constexpr Column Secret(std::string_view name, std::int64_t low, std::int64_t high, const Facts& facts = {}) {
  Column column = Text(name, low, high, facts);
  column.secret = true;
  return column;
}
// A secret that is a pair: NAME and NAME_form, which says whether it is plain or cipher text, or a hash.
constexpr Column Concealable(std::string_view name, std::int64_t longest_plain, std::int64_t longest_concealed,
                             const Facts& facts = {}) {
  Column column = Secret(name, 1, longest_concealed, facts);
  column.longest_plain = longest_plain;
  return column;
}
inline constexpr std::string_view kForms = "simple|cipher";
inline constexpr std::string_view kPasswordForms = "simple|cipher|hash";  // of people: nothing needs the text

inline constexpr std::string_view kOurs = "our choice";
inline constexpr std::string_view kRecollection = "recollection";

}  // namespace sw::configdb
