// A display is a model and one list of fields. The list says everything of a field once: its name in JSON, its type,
// how it looks in text, who may see it. Text, JSON and the schema of the JSON come from it.
//
//   constexpr auto kRoute = Fields<RouteEntry>({
//       {"destination", "Network/length", [](auto& r) { return r.destination; }, {"Destination/Mask", 19}},
//       {"cost", "Cost", [](auto& r) { return r.cost; }, {"Cost", 12}},
//   });
//   constexpr auto kRoutes = Fields<std::vector<RouteEntry>>({
//       {"routes", "In the order of the table", [](auto& v) { return List<kRoute>(v); }}});
//   constexpr DisplayOf<std::vector<RouteEntry>> kRoutesDisplay(kRoutes, "{#routes}{*routes}{|}{/}");
//
// The type of a field is that of what its function returns. Layouts: cli/display/layout.h.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "cli/display/layout.h"

namespace sw::cli {

struct Value;
// The values of one model, in the order of its fields.
struct Record {
  std::span<const Field> fields;
  std::vector<Value> values;
  std::string_view layout = {};  // of an AnyObject: how {name} prints it
};
struct Value {
  // Integers: signed and unsigned. The last: a list of models, or the only one of a part.
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string, std::vector<std::string>, std::vector<Record>>
      held;
};

enum class FieldType : std::uint8_t { kBoolean, kInteger, kNumber, kString, kStrings, kObject, kList, kAnyObject };

// How a field looks in text.
struct Look {
  std::string_view heading = {};  // of its column; empty: it is no column
  int width = 0;                  // of the column, filled up with spaces; negative: to the right; 0: not filled up
  std::string (*style)(const Value&) = nullptr;  // null: PlainText
};

struct Field {
  std::string_view name, what;
  FieldType type = FieldType::kString;
  Value (*get)(const void* model) = nullptr;
  Look look = {};
  std::uint8_t level = 0;  // of the operator; below it the value is ****** (secrets: 3)
  std::span<const Field> part = {};
};

// Styles.
std::string PlainText(const Value& value);  // yes or no; numbers in decimal, with one digit behind the point; joined
std::string OrDash(const Value& value);     // "-" for nothing
std::string AgeText(const Value& value);    // seconds as 01:02:03
std::string Hex8Text(const Value& value);   // 0000abcd

// What a list's or a part's function returns: `kFields` are those of its models.
template <const auto& kFields>
struct ListOf {
  std::vector<Record> records;
};
template <const auto& kFields>
struct PartOf {
  Record record;
};
// An object that another display made; its schema is its own.
struct AnyObject {
  Record record;
};

namespace display {

template <typename R>
constexpr bool kIsList = false;
template <const auto& kFields>
constexpr bool kIsList<ListOf<kFields>> = true;
template <typename R>
constexpr bool kIsPart = false;
template <const auto& kFields>
constexpr bool kIsPart<PartOf<kFields>> = true;
template <typename R>
constexpr bool kIsDuration = false;
template <typename Rep, typename Period>
constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;

template <typename R>
constexpr FieldType TypeOf() {
  if constexpr (std::is_same_v<R, bool>)
    return FieldType::kBoolean;
  else if constexpr (std::is_integral_v<R> || kIsDuration<R>)
    return FieldType::kInteger;
  else if constexpr (std::is_floating_point_v<R>)
    return FieldType::kNumber;
  else if constexpr (std::is_same_v<R, std::vector<std::string>>)
    return FieldType::kStrings;
  else if constexpr (kIsList<R>)
    return FieldType::kList;
  else if constexpr (kIsPart<R>)
    return FieldType::kObject;
  else if constexpr (std::is_same_v<R, AnyObject>)
    return FieldType::kAnyObject;
  else
    return FieldType::kString;
}

template <typename R>
constexpr std::span<const Field> PartFields(const R*) {
  return {};
}
template <const auto& kFields>
constexpr std::span<const Field> PartFields(const ListOf<kFields>*) {
  return kFields.all;
}
template <const auto& kFields>
constexpr std::span<const Field> PartFields(const PartOf<kFields>*) {
  return kFields.all;
}

template <typename R>
Value ToValue(R&& value) {
  using T = std::remove_cvref_t<R>;
  if constexpr (std::is_same_v<T, bool>)
    return {value};
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    return {std::int64_t{value}};
  else if constexpr (std::is_integral_v<T>)
    return {std::uint64_t{value}};
  else if constexpr (kIsDuration<T>)
    return {std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(value).count()}};
  else if constexpr (std::is_floating_point_v<T>)
    return {double{value}};
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return {std::forward<R>(value)};
  else if constexpr (kIsList<T>)
    return {std::move(value.records)};
  else if constexpr (kIsPart<T> || std::is_same_v<T, AnyObject>)
    return {std::vector<Record>{std::move(value.record)}};
  else if constexpr (requires { value.ToString(); })
    return {value.ToString()};
  else
    return {std::string(std::string_view(value))};
}

}  // namespace display

// A field of models of type T.
template <typename T>
struct FieldOf : Field {
  template <typename F>
  constexpr FieldOf(std::string_view name_is, std::string_view what_is, F, Look look_is = {},
                    std::uint8_t level_is = 0) {
    using R = std::remove_cvref_t<std::invoke_result_t<F, const T&>>;
    name = name_is;
    what = what_is;
    type = display::TypeOf<R>();
    get = [](const void* model) -> Value { return display::ToValue(F{}(*static_cast<const T*>(model))); };
    look = look_is;
    level = level_is;
    part = display::PartFields(static_cast<const R*>(nullptr));
  }
};

template <typename T, std::size_t n>
struct FieldList {
  using Model = T;
  std::array<Field, n> all;
};
template <typename T, std::size_t n>
constexpr FieldList<T, n> Fields(const FieldOf<T> (&fields)[n]) {
  FieldList<T, n> out{};
  for (std::size_t i = 0; i < n; ++i) out.all[i] = fields[i];
  return out;
}

Record MakeRecord(std::span<const Field> fields, const void* model);

// `models`: of models, or of pointers to them.
template <const auto& kFields, typename Models>
ListOf<kFields> List(const Models& models) {
  using T = typename std::remove_cvref_t<decltype(kFields)>::Model;
  ListOf<kFields> out;
  for (const auto& each : models) {
    if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(each)>>) {
      out.records.push_back(MakeRecord(kFields.all, static_cast<const T*>(each)));
    } else {
      const T& model = each;
      out.records.push_back(MakeRecord(kFields.all, &model));
    }
  }
  return out;
}
template <const auto& kFields>
PartOf<kFields> Part1(const typename std::remove_cvref_t<decltype(kFields)>::Model& model) {
  return {MakeRecord(kFields.all, &model)};
}

// What a command's row names: fields, and the layout of the text. A layout that names no field does not compile.
struct Display {
  std::span<const Field> fields;
  std::string_view layout;
};
template <typename T>
struct DisplayOf : Display {
  template <std::size_t n>
  constexpr DisplayOf(const FieldList<T, n>& list, std::string_view text) : Display{list.all, text} {
    CheckLayout(list.all, text);
  }
};
// Another layout of the same display: `brief`, `verbose`.
struct Layout {
  std::string_view text;
  template <typename T, std::size_t n>
  constexpr Layout(const FieldList<T, n>& list, std::string_view layout) : text(layout) {
    CheckLayout(list.all, layout);
  }
};

}  // namespace sw::cli
