// Every display answers `| json` with JSON that its schema accepts.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/display/json.h"
#include "cli/dvpn/displays.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/json_schema.h"

namespace sw::cli {
namespace {

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
                "interface tunnel 1", "ip route-static 10.9.0.0 16 NULL 0", "clock timezone Z add 05:00:00",
                "local-user u@d", "service-type dvpn", "radius scheme r", "primary authentication 192.0.2.1",
                "hwtacacs scheme h", "acl number 2000", "rule deny source 10.0.0.1 0", "acl number 4000", "rule permit",
                "time-range t 08:00 to 18:00 daily"});
  // What a command needs beyond its words.
  const std::map<std::string, std::string> more = {
      {"display acl", " all"},          {"display time-range", " all"},   {"display dvpn map", " all"},
      {"display dvpn session", " all"}, {"display dvpn info", " global"}, {"display dvpn ipsec-sa", " all"},
  };
  bench.device->monitor().Log(device::Severity::kErrors, "CFM", "X", "text");
  std::set<std::string> tried;
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    const std::string command = LeadingWords(entry.form);
    if (entry.undo || !command.starts_with("display ")) continue;
    const auto argument = more.find(command);
    const std::string text = bench.Run(command + (argument == more.end() ? "" : argument->second) + " | json");
    if (bench.screen.ready.outcome == Outcome::kRefused) continue;  // it needs an argument, or there is nothing to show
    const Json value = Json::parse(text, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << command << ": " << text;
    EXPECT_EQ(WhyNot(SchemaOf(command), value), "") << command << ": " << text;
    tried.insert(command);
  }
  EXPECT_GT(tried.size(), 30U);
  for (const JsonModel& model : JsonModels()) {
    const bool of_card = model.command.starts_with("display encrypt-card");  // card_test.cc
    EXPECT_TRUE(of_card || tried.contains(std::string(model.command))) << model.command;
  }
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

TEST(Json, WhatIsThereHasItsFields) {
  TestBench bench;
  bench.RunAll({"system-view", "local-user u@d", "service-type dvpn", "password simple secret", "radius scheme r",
                "primary authentication 192.0.2.1", "key authentication simple hidden", "acl number 2000",
                "rule deny source 10.0.0.1 0"});
  const Json user = Json::parse(bench.Run("display local-user | json"))["users"][0];
  EXPECT_EQ(user["name"], "u@d");
  EXPECT_EQ(user["services"], (Json{"dvpn"}));
  const std::string schemes = bench.Run("display radius scheme r | json");
  EXPECT_EQ(schemes.find("hidden"), std::string::npos);
  EXPECT_EQ(Json::parse(schemes)["schemes"][0]["servers"][0]["address"], "192.0.2.1");
  const Json acl = Json::parse(bench.Run("display acl 2000 | json"))["acls"][0];
  EXPECT_EQ(acl["rules"][0]["text"], "rule 0 deny source 10.0.0.1 0");
  EXPECT_EQ(acl["rules"][0]["counted"], true);
}

TEST(Json, MapsSessionsAndSasAreAsTheirSchemasSay) {
  const Time now = Time() + std::chrono::seconds(100);
  dvpn::MapInfo map;
  map.state = dvpn::MapState::kServerFinished;
  map.built = Time() + std::chrono::seconds(58);
  const Json maps = Json::parse(MapsJson(now, {map, {}}));
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn map"), maps), "");
  EXPECT_EQ(maps["maps"][0]["up_seconds"], 42);
  EXPECT_EQ(maps["maps"][1]["built"], false);
  const Json users = Json::parse(OnlineUsersJson(now, {map, {}}));
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn online-user"), users), "");
  EXPECT_EQ(users["users"].size(), 1U);
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn session"), Json::parse(SessionsJson(now, {{}}))), "");
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn session history"), Json::parse(HistoryJson(now, {{}}))), "");
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn ipsec-sa"), Json::parse(IpsecSasJson({{}}))), "");
  device::DvpnInfo info;
  info.drops.push_back({"stale", 3});
  const Json shown = Json::parse(DvpnInfoJson(7, info));
  EXPECT_EQ(WhyNot(SchemaOf("display dvpn info"), shown), "");
  EXPECT_EQ(shown["refused"][0]["count"], 3);
}

TEST(Json, ASchemaRefusesWhatIsNotSo) {
  EXPECT_NE(WhyNot(SchemaOf("display clock"), Json::parse(R"({"local": 1})")), "");
  EXPECT_NE(WhyNot(LinesSchema(), Json::parse(R"({"lines": [1]})")), "");
  EXPECT_EQ(WhyNot(LinesSchema(), Json::parse(R"({"lines": ["a"]})")), "");
}

}  // namespace
}  // namespace sw::cli
