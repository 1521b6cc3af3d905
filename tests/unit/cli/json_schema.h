// Why a value is not as its schema says, for as much of JSON Schema as the displays' schemas use.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sw::cli {

using Json = nlohmann::ordered_json;

inline bool HasType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "boolean" && value.is_boolean();
}

// As much of JSON Schema as the schemas use: type, properties, required, additionalProperties: false, items.
inline std::string WhyNot(const Json& schema, const Json& value, const std::string& at = "") {
  const std::string type = schema.at("type");
  if (!HasType(value, type)) return at + " is no " + type;
  if (type == "array") {
    for (const Json& each : value)
      if (std::string why = WhyNot(schema.at("items"), each, at + "[]"); !why.empty()) return why;
  }
  if (type != "object" || !schema.contains("properties")) return {};
  for (const Json& name : schema.at("required"))
    if (!value.contains(name.get<std::string>())) return at + " has no " + name.get<std::string>();
  for (const auto& [name, each] : value.items()) {
    if (!schema.at("properties").contains(name)) return at + " must not have " + name;
    if (std::string why = WhyNot(schema.at("properties").at(name), each, at + "." + name); !why.empty()) return why;
  }
  return {};
}

}  // namespace sw::cli
