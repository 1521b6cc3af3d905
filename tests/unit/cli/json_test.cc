// Every display answers `| json` with JSON that its schema accepts.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cli/render/json.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using Json = nlohmann::ordered_json;

bool HasType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  return type == "boolean" && value.is_boolean();
}

// As much of JSON Schema as the schemas use: type, properties, required, additionalProperties: false, items.
std::string WhyNot(const Json& schema, const Json& value, const std::string& at = "") {
  const std::string type = schema.at("type");
  if (!HasType(value, type)) return at + " is no " + type;
  if (type == "array") {
    for (const Json& each : value)
      if (std::string why = WhyNot(schema.at("items"), each, at + "[]"); !why.empty()) return why;
  }
  if (type != "object") return {};
  for (const Json& name : schema.at("required"))
    if (!value.contains(name.get<std::string>())) return at + " has no " + name.get<std::string>();
  for (const auto& [name, each] : value.items()) {
    if (!schema.at("properties").contains(name)) return at + " must not have " + name;
    if (std::string why = WhyNot(schema.at("properties").at(name), each, at + "." + name); !why.empty()) return why;
  }
  return {};
}

std::string LeadingWords(const Form& form) {
  std::string out;
  for (const FormNode& part : form.tree.parts) {
    if (part.kind != FormNode::Kind::kTerminal || !form.terminals[part.terminal].keyword) break;
    out += (out.empty() ? "" : " ") + form.terminals[part.terminal].word;
  }
  return out;
}

TEST(Json, EveryDisplayAnswersAsItsSchemaSays) {
  TestBench bench({.line = LineId{}});
  bench.RunAll({"system-view", "interface GigabitEthernet 0/0", "ip address 10.1.1.1 24", "ip address 10.1.2.1 24 sub",
                "interface tunnel 1", "ip route-static 10.9.0.0 16 NULL 0", "clock timezone Z add 05:00:00"});
  bench.device->monitor().Log(device::Severity::kErrors, "CFM", "X", "text");
  std::set<std::string> tried;
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    const std::string command = LeadingWords(entry.form);
    if (entry.undo || !command.starts_with("display ")) continue;
    const std::string text = bench.Run(command + " | json");
    if (bench.screen.ready.outcome == Outcome::kRefused) continue;  // it needs an argument, or there is nothing to show
    const Json value = Json::parse(text, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << command << ": " << text;
    EXPECT_EQ(WhyNot(SchemaOf(command), value), "") << command << ": " << text;
    tried.insert(command);
  }
  EXPECT_GT(tried.size(), 30U);
  for (const JsonModel& model : JsonModels()) EXPECT_TRUE(tried.contains(std::string(model.command))) << model.command;
}

TEST(Json, AModelIsMoreThanItsLines) {
  TestBench bench;
  bench.RunAll({"system-view", "interface GigabitEthernet 0/0", "ip address 10.1.1.1 24"});
  const Json shown = Json::parse(bench.Run("display interface GigabitEthernet 0/0 | json"));
  EXPECT_EQ(shown["interfaces"][0]["name"], "GigabitEthernet0/0");
  EXPECT_EQ(shown["interfaces"][0]["addresses"], (Json{"10.1.1.1/24"}));
  const Json routes = Json::parse(bench.Run("display ip routing-table protocol direct | json"));
  ASSERT_FALSE(routes["routes"].empty());
  for (const Json& route : routes["routes"]) EXPECT_EQ(route["protocol"], "DIRECT");
}

TEST(Json, ASchemaRefusesWhatIsNotSo) {
  EXPECT_NE(WhyNot(SchemaOf("display clock"), Json::parse(R"({"local": 1})")), "");
  EXPECT_NE(WhyNot(LinesSchema(), Json::parse(R"({"lines": [1]})")), "");
  EXPECT_EQ(WhyNot(LinesSchema(), Json::parse(R"({"lines": ["a"]})")), "");
}

}  // namespace
}  // namespace sw::cli
