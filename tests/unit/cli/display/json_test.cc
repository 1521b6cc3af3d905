// Every display answers `| json` with JSON that its schema accepts.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "cli/clock/displays.h"
#include "cli/display/json.h"
#include "cli/dvpn/displays.h"
#include "device/log/monitor.h"
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

bool Holds(const Json& value, const std::string& name) {
  if (value.is_object() && value.contains(name)) return true;
  return value.is_structured() && std::ranges::any_of(value, [&](const Json& each) { return Holds(each, name); });
}

struct DisplayCommand {
  std::string words;
  const Display* display;
};
std::vector<DisplayCommand> DisplayCommands(const Grammar& grammar) {
  std::vector<DisplayCommand> out;
  for (const Grammar::Entry& entry : grammar.entries()) {
    const std::string words = LeadingWords(entry.form);
    if (!entry.undo && words.starts_with("display ")) out.push_back({words, entry.command->shows});
  }
  return out;
}

// What a command needs beyond its words.
std::string Whole(const std::string& command) {
  static const std::map<std::string, std::string> kMore = {
      {"display acl", " all"},          {"display time-range", " all"},       {"display dvpn map", " all"},
      {"display dvpn session", " all"}, {"display dvpn info", " global"},     {"display dvpn ipsec-sa", " all"},
      {"display dvpn why", " class c"}, {"display configuration diff", " k"},
  };
  const auto found = kMore.find(command);
  return command + (found == kMore.end() ? "" : found->second);
}

const std::vector<std::string> kConfiguration = {"system-view",
                                                 "interface GigabitEthernet 0/0",
                                                 "ip address 10.1.1.1 24",
                                                 "ip address 10.1.2.1 24 sub",
                                                 "quit",
                                                 "configuration checkpoint k",
                                                 "interface tunnel 1",
                                                 "quit",
                                                 "ip route-static 10.9.0.0 16 NULL 0",
                                                 "clock timezone Z add 05:00:00",
                                                 "local-user u@d",
                                                 "password simple planted1",
                                                 "service-type dvpn",
                                                 "quit",
                                                 "radius scheme r",
                                                 "primary authentication 192.0.2.1",
                                                 "key authentication simple planted2",
                                                 "key accounting simple planted3",
                                                 "quit",
                                                 "hwtacacs scheme h",
                                                 "key authentication simple planted4",
                                                 "quit",
                                                 "acl number 2000",
                                                 "rule deny source 10.0.0.1 0",
                                                 "quit",
                                                 "acl number 3000",
                                                 "rule permit ip",
                                                 "quit",
                                                 "acl number 4000",
                                                 "rule permit",
                                                 "quit",
                                                 "time-range t 08:00 to 18:00 daily",
                                                 "dvpn class c",
                                                 "pre-shared-key simple planted5",
                                                 "quit",
                                                 "dvpn server pre-shared-key simple planted6",
                                                 "super password level 3 simple planted7",
                                                 "user-interface vty 0",
                                                 "set authentication password simple planted8",
                                                 "quit",
                                                 "ipsec proposal p",
                                                 "quit",
                                                 "ike proposal 1",
                                                 "quit",
                                                 "ike peer e",
                                                 "pre-shared-key simple planted9",
                                                 "remote-address 192.0.2.9",
                                                 "quit",
                                                 "ike dpd w",
                                                 "quit",
                                                 "ipsec policy m 10 manual",
                                                 "security acl 3000",
                                                 "proposal p",
                                                 "tunnel local 10.1.1.1",
                                                 "tunnel remote 192.0.2.9",
                                                 "sa spi inbound esp 1000",
                                                 "sa spi outbound esp 1001",
                                                 "sa string-key inbound esp planted10",
                                                 "sa string-key outbound esp planted11",
                                                 "quit",
                                                 "ipsec policy i 10 isakmp",
                                                 "ike-peer e",
                                                 "proposal p",
                                                 "security acl 3000",
                                                 "quit",
                                                 "ipsec policy-template q 1",
                                                 "quit",
                                                 "return"};

TEST(Json, EveryDisplayAnswersAsItsSchemaSays) {
  TestBench bench({.line = LineId{}});
  bench.RunAll(kConfiguration);
  bench.device->monitor().Log(device::Severity::kErrors, "CFM", "X", "text");
  std::set<std::string> tried;
  for (const auto& [command, display] : DisplayCommands(bench.grammar)) {
    ASSERT_NE(display, nullptr) << command << " names no display";
    const Json schema = SchemaOf(command, *display);
    EXPECT_FALSE(Holds(schema, "lines")) << command;
    const std::string text = bench.Run(Whole(command) + " | json");
    if (bench.screen.ready.outcome == Outcome::kRefused) continue;  // no card, no file, no lab: tests of their own
    const Json value = Json::parse(text, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << command << ": " << text;
    EXPECT_EQ(WhyNot(schema, value), "") << command << ": " << text;
    EXPECT_FALSE(Holds(value, "lines")) << command;
    tried.insert(command);
  }
  EXPECT_GT(tried.size(), 48U);
}

TEST(Json, SecretsAreMaskedBelowLevelThree) {
  TestBench bench;
  bench.RunAll(kConfiguration);
  EXPECT_NE(bench.Run("display current-configuration").find("planted"), std::string::npos);
  EXPECT_NE(bench.Run("display radius scheme").find("planted2"), std::string::npos);
  bench.Open({.level = kMonitor});
  for (const auto& [command, display] : DisplayCommands(bench.grammar))
    for (const char* filter : {"", " | json"})
      EXPECT_EQ(bench.Run(Whole(command) + filter).find("planted"), std::string::npos) << command << filter;
  EXPECT_NE(bench.Run("display current-configuration").find("password cipher ******"), std::string::npos);
  EXPECT_NE(bench.Run("display current-configuration").find("super password level 3 hash ******"), std::string::npos);
  EXPECT_NE(bench.Run("display radius scheme").find("Auth Server Encryption Key= ******\n"), std::string::npos);
}

// A value of each field, with bytes for its strings.
Record Filled(std::span<const Field> fields, const std::string& bytes) {
  Record out{fields, {}, {}};
  for (const Field& field : fields) {
    const std::vector<Record> parts = {Filled(field.part, bytes)};
    switch (field.type) {
      case FieldType::kBoolean:
        out.values.push_back({true});
        break;
      case FieldType::kInteger:
        out.values.push_back({std::int64_t{7}});
        break;
      case FieldType::kNumber:
        out.values.push_back({1.5});
        break;
      case FieldType::kString:
        out.values.push_back({bytes});
        break;
      case FieldType::kStrings:
        out.values.push_back({std::vector<std::string>{bytes}});
        break;
      default:
        out.values.push_back({parts});
    }
  }
  return out;
}

TEST(Json, IsValidWhateverBytesTheValuesHold) {
  TestBench bench;
  SeededRandom random(11);
  std::vector<std::string> all = {std::string("nul\0", 4), "caf\xe9",          "\xd6\xd0\xce\xc4", "\xc0\x80",
                                  "\xed\xa0\x80",          "\xf4\x90\x80\x80", "\"\\\n\x1b",       "\xe4\xb8"};
  for (int i = 0; i < 30; ++i) {
    std::vector<std::uint8_t> bytes(40);
    random.Fill(bytes);
    all.emplace_back(bytes.begin(), bytes.end());
  }
  for (const auto& [command, display] : DisplayCommands(bench.grammar)) {
    for (const std::string& bytes : all) {
      const Json value = Json::parse(JsonText(Filled(display->fields, bytes), kManage), nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << command;
      ASSERT_EQ(WhyNot(SchemaOf(command, *display), value), "") << command;
    }
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
  const Json scheme = Json::parse(bench.Run("display radius scheme r | json"))["schemes"][0];
  EXPECT_EQ(scheme["authentication_key"], "hidden");
  EXPECT_EQ(scheme["servers"][0]["address"], "192.0.2.1");
  const Json acl = Json::parse(bench.Run("display acl 2000 | json"))["acls"][0];
  EXPECT_EQ(acl["rules"][0]["text"], "rule 0 deny source 10.0.0.1 0");
  EXPECT_EQ(acl["rules"][0]["counted"], true);
}

template <typename T>
Json Shown(const DisplayOf<T>& display, const std::type_identity_t<T>& model) {
  const Json out = Json::parse(JsonText(MakeRecord(display.fields, &model), kManage));
  EXPECT_EQ(WhyNot(SchemaOf("display", display), out), "") << out;
  return out;
}

TEST(Json, MapsSessionsAndSasAreAsTheirSchemasSay) {
  const Time now = Time() + std::chrono::seconds(100);
  dvpn::MapInfo map;
  map.state = dvpn::MapState::kServerFinished;
  map.built = Time() + std::chrono::seconds(58);
  const Json maps = Shown(kMapsDisplay, {now, {map, {}}});
  EXPECT_EQ(maps["maps"][0]["up_seconds"], 42);
  EXPECT_EQ(maps["maps"][1]["built"], false);
  EXPECT_EQ(Shown(kOnlineUsersDisplay, {now, {map, {}}})["users"].size(), 1U);
  Shown(kSessionsDisplay, {now, {{}}});
  dvpn::SessionRecord record;
  record.online_number = 3;
  record.online = true;
  EXPECT_EQ(Shown(kHistoryDisplay, {now, {record}})["records"][0]["ended"], 2);
  Shown(kDvpnSasDisplay, {now, {{}}});
  device::DvpnInfo info;
  info.drops.push_back({"stale", 3});
  EXPECT_EQ(Shown(kDvpnInfoDisplay, {7, info})["refused"][0]["count"], 3);
}

TEST(Json, ASchemaRefusesWhatIsNotSo) {
  EXPECT_NE(WhyNot(SchemaOf("display clock", kClockDisplay), Json::parse(R"({"local": 1})")), "");
}

}  // namespace
}  // namespace sw::cli
