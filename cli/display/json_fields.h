// How a display model becomes JSON and a schema: one table of fields per model. For the displays of cli/<subject> only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "hal/base/clock.h"

namespace sw::cli {

using Json = nlohmann::ordered_json;

template <typename T>
struct Field {
  std::string_view name, type, what;  // type: of JSON Schema; strings: an array of them; model: what `part` says
  Json (*get)(const T&);
  Json (*part)() = nullptr;  // the schema of the field, where a type does not say it
};

template <typename T>
Json Object(std::span<const Field<T>> fields, const T& value) {
  Json out = Json::object();
  for (const Field<T>& field : fields) out[std::string(field.name)] = field.get(value);
  return out;
}

// Built step by step: clang 14 loses the parts of nested braces here.
template <typename T>
Json ObjectSchema(std::span<const Field<T>> fields) {
  Json out = Json::object();
  out["type"] = "object";
  out["properties"] = Json::object();
  out["required"] = Json::array();
  for (const Field<T>& field : fields) {
    Json& type = out["properties"][std::string(field.name)];
    if (field.part != nullptr) {
      type = field.part();
    } else if (field.type == "strings") {
      type["type"] = "array";
      type["items"]["type"] = "string";
    } else {
      type["type"] = field.type;
    }
    type["description"] = field.what;
    out["required"].push_back(field.name);
  }
  out["additionalProperties"] = false;
  return out;
}

template <typename T, typename Values>
Json Array(std::span<const Field<T>> fields, const Values& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(Object(fields, value));
  return list;
}
template <typename T>
Json ArraySchema(std::span<const Field<T>> fields) {
  Json out = {{"type", "array"}};
  out["items"] = ObjectSchema(fields);
  return out;
}

// {"NAME": [ ... ]}
template <typename T, typename Values>
std::string ListText(std::string_view name, std::span<const Field<T>> fields, const Values& values) {
  return Json{{name, Array(fields, values)}}.dump();
}
template <typename T>
Json ListSchema(std::string_view name, std::span<const Field<T>> fields) {
  Json list = ArraySchema(fields);
  Json out = {{"type", "object"}};
  out["properties"][std::string(name)] = std::move(list);
  out["required"] = Json::array();
  out["required"].push_back(name);
  out["additionalProperties"] = false;
  return out;
}

template <typename T, std::size_t n>
constexpr std::span<const Field<T>> All(const Field<T> (&fields)[n]) {
  return fields;
}

inline std::int64_t SecondsOf(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace sw::cli
