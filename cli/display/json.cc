#include "cli/display/json.h"

#include <nlohmann/json.hpp>

#include "cli/display/field.h"
#include "cli/display/mask.h"

namespace sw::cli {
namespace {

using Json = nlohmann::ordered_json;

Json ObjectOf(const Record& record, std::uint8_t level);

Json ValueOf(const Field& field, const Value& value, std::uint8_t level) {
  if (const auto* text = std::get_if<std::string>(&value.held))
    return field.level > level && !text->empty() ? std::string(kMask) : *text;
  const auto* records = std::get_if<std::vector<Record>>(&value.held);
  if (records == nullptr)
    return std::visit(
        [](const auto& held) -> Json {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, std::vector<Record>>)
            return {};
          else
            return held;
        },
        value.held);
  if (field.type != FieldType::kList) return ObjectOf(records->front(), level);
  Json out = Json::array();
  for (const Record& each : *records) out.push_back(ObjectOf(each, level));
  return out;
}

Json ObjectOf(const Record& record, std::uint8_t level) {
  Json out = Json::object();
  for (std::size_t i = 0; i < record.fields.size(); ++i)
    out[std::string(record.fields[i].name)] = ValueOf(record.fields[i], record.values[i], level);
  return out;
}

// Built step by step: clang 14 loses the parts of nested braces here.
Json ObjectSchema(std::span<const Field> fields);
Json TypeSchema(const Field& field) {
  constexpr std::string_view kNames[] = {"boolean", "integer", "number", "string",
                                         "array",   "object",  "array",  "object"};
  if (field.type == FieldType::kObject) return ObjectSchema(field.part);
  Json out = Json::object();
  out["type"] = kNames[static_cast<std::size_t>(field.type)];
  if (field.type == FieldType::kStrings) out["items"]["type"] = "string";
  if (field.type == FieldType::kList) out["items"] = ObjectSchema(field.part);
  return out;
}
Json ObjectSchema(std::span<const Field> fields) {
  Json out = Json::object();
  out["type"] = "object";
  out["properties"] = Json::object();
  out["required"] = Json::array();
  for (const Field& field : fields) {
    Json type = TypeSchema(field);
    type["description"] = field.what;
    out["properties"][std::string(field.name)] = std::move(type);
    out["required"].push_back(field.name);
  }
  out["additionalProperties"] = false;
  return out;
}

}  // namespace

std::string JsonText(const Record& record, std::uint8_t level) {
  return ObjectOf(record, level).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json SchemaOf(std::string_view command, const Display& display) {
  Json out = Json::object();
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["title"] = std::string(command) + " | json";
  out.update(ObjectSchema(display.fields));
  return out;
}

}  // namespace sw::cli
