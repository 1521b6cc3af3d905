#include "cli/grammar/grammar.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/subjects.h"
#include "config-db/schema.h"
#include "hal/base/dvpn_ranges.h"

namespace sw::cli {
namespace {

// Commands of the reference's test vectors that the product does not have yet stand here in their published form.
Status Nothing(Operator&, const Match&) {
  return {};
}
constexpr Command kSample[] = {
    {.views = In(View::kSystem),
     .form = "acl number <number:int:1000-4999> [ match-order { config | auto } ]",
     .help = "ACL|Number|Number|Order|As typed|Depth first",
     .run = Nothing,
     .undo = "acl { number <number:int:1000-4999> }"},
    {.views = In(View::kSystem), .form = "ike peer <name:string:1-15>", .help = "IKE|Peer|Name", .run = Nothing},
    {.views = In(View::kSystem), .form = "info-center enable", .help = "Information|On", .run = Nothing},
    {.views = In(View::kSystem), .form = "interface <name:interface>", .help = "Interface", .run = Nothing},
    {.views = In(View::kSystem), .form = "sysname <sysname:string:1-30>", .help = "Name|Name", .run = Nothing},
    {.views = In(View::kTunnel),
     .form = "keepalive [ <seconds:int:1-32767> [ <times:int:1-255> ] ]",
     .help = "Keepalive|Seconds|Times",
     .run = Nothing},
    {.views = In(View::kSystem),
     .form = "clear { red | green | blue }* [ now ]",
     .help = "Clear|Red|Green|Blue|Now",
     .run = Nothing},
    {.views = In(View::kSystem),
     .form = "probe [ -a <source:ip> | -c <count:int:1-9> ]* <host:string:1-20>",
     .help = "Probe|Source|Address|Count|Count|Host",
     .run = Nothing},
    {.views = In(View::kSystem),
     .form = "filter <source:ip> <wildcard:wildcard>",
     .help = "Filter|Source|Wildcard",
     .run = Nothing},
    {.views = In(View::kSystem), .level = kManage, .form = "reboot", .help = "Reboot", .run = Nothing},
    {.views = In(View::kUser), .form = "display clock", .help = "Display|Clock", .run = Nothing},
};

Grammar Sample() {
  const std::span<const Command> tables[] = {kSample};
  return std::move(*Grammar::Build(tables));
}

struct Vector {
  const char* line;
  SyntaxError error;
  std::size_t column;
};

TEST(Grammar, RefusesWithTheErrorAndColumnOfTheReference) {
  const Grammar grammar = Sample();
  for (const Vector& v : {
           Vector{"foo", SyntaxError::kUnrecognized, 0},
           Vector{"acl number 999", SyntaxError::kWrongParameter, 11},
           Vector{"acl number", SyntaxError::kIncomplete, 10},
           Vector{"acl number   ", SyntaxError::kIncomplete, 10},
           Vector{"sysname A B", SyntaxError::kTooMany, 10},
           Vector{"i", SyntaxError::kAmbiguous, 0},
           Vector{"interface x", SyntaxError::kWrongParameter, 10},
           Vector{"interface tunnel 4096", SyntaxError::kWrongParameter, 17},
           Vector{"acl number 2000 foo", SyntaxError::kUnrecognized, 16},
           Vector{"acl number 2000 match-order x", SyntaxError::kUnrecognized, 28},
           Vector{"  foo", SyntaxError::kUnrecognized, 2},
           Vector{"n", SyntaxError::kUnrecognized, 0},
           Vector{"clear", SyntaxError::kIncomplete, 5},
           Vector{"clear red red", SyntaxError::kUnrecognized, 10},
           Vector{"acl number -1", SyntaxError::kWrongParameter, 11},
           Vector{"acl number 99999999999999999999", SyntaxError::kWrongParameter, 11},
           Vector{"filter 1.2.3.256 0", SyntaxError::kWrongParameter, 7},
       }) {
    const ParseResult result = grammar.Parse(View::kSystem, kManage, v.line);
    ASSERT_FALSE(result.match) << v.line;
    EXPECT_EQ(result.refusal.error, v.error) << v.line << ": " << Message(result.refusal.error);
    EXPECT_EQ(result.refusal.column, v.column) << v.line;
  }
  EXPECT_EQ(grammar.Parse(View::kUser, kManage, "display foo").refusal.column, 8U);
}

TEST(Grammar, TakesUniquePrefixesInAnyCase) {
  const Grammar grammar = Sample();
  for (const char* line : {"int tun 0", "INT TUN 0", "interface Tunnel0", "int tunnel0", "interface tunnel 0"}) {
    const ParseResult result = grammar.Parse(View::kSystem, kManage, line);
    ASSERT_TRUE(result.match) << line;
    EXPECT_EQ(result.match->Text("name"), "Tunnel0") << line;
  }
  EXPECT_EQ(grammar.Parse(View::kSystem, kManage, "sys X1").match->Text("sysname"), "X1");
  EXPECT_EQ(grammar.Parse(View::kSystem, kManage, "interface g0/0.1").match->Text("name"), "GigabitEthernet0/0.1");
}

TEST(Grammar, TakesAlternativesInAnyOrderButOnce) {
  const Grammar grammar = Sample();
  EXPECT_TRUE(grammar.Parse(View::kSystem, kManage, "clear blue red").match);
  EXPECT_TRUE(grammar.Parse(View::kSystem, kManage, "clear green now").match);
  const ParseResult probe = grammar.Parse(View::kSystem, kManage, "probe -c 3 -a 1.2.3.4 host");
  ASSERT_TRUE(probe.match);
  EXPECT_EQ(probe.match->Int("count"), 3);
  EXPECT_EQ(probe.match->Text("source"), "1.2.3.4");
  EXPECT_EQ(grammar.Parse(View::kSystem, kManage, "probe x").match->Text("host"), "x");
  EXPECT_EQ(grammar.Parse(View::kSystem, kManage, "filter 1.2.3.4 0").match->Text("wildcard"), "0.0.0.0");
}

TEST(Grammar, TriesASubViewFirstAndThenSystemView) {
  const Grammar grammar = Sample();
  EXPECT_TRUE(grammar.Parse(View::kTunnel, kManage, "keepalive 10 3").match);
  const ParseResult system = grammar.Parse(View::kTunnel, kManage, "sysname X");
  ASSERT_TRUE(system.match);
  EXPECT_EQ(system.match->view, View::kSystem);
  EXPECT_EQ(grammar.Parse(View::kTunnel, kManage, "acl number 9").refusal.column, 11U) << "the error that came further";
  EXPECT_FALSE(grammar.Parse(View::kUser, kManage, "sysname X").match);
}

TEST(Grammar, HidesWhatTheLevelDoesNotAllow) {
  const Grammar grammar = Sample();
  EXPECT_TRUE(grammar.Parse(View::kSystem, kManage, "reboot").match);
  EXPECT_EQ(grammar.Parse(View::kSystem, kConfigure, "reboot").refusal.error, SyntaxError::kUnrecognized);
  EXPECT_TRUE(grammar.Complete(View::kSystem, kConfigure, "reb").words.empty());
  EXPECT_TRUE(grammar.Help(View::kSystem, kConfigure, "reb").lines.empty());
}

std::string Shown(const HelpResult& help) {
  std::string out;
  for (const HelpLine& line : help.lines) out += line.word + "|";
  return out;
}

TEST(Grammar, HelpsWithWhatMayComeNext) {
  const Grammar grammar = Sample();
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "acl ")), "number|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "acl number ")), "INTEGER<1000-4999>|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "acl number 2000 ")), "match-order|<cr>|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "in")), "info-center|interface|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "sysname X ")), "<cr>|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "interface ")),
            "GigabitEthernet|LoopBack|NULL|Tunnel|Virtual-Template|");
  EXPECT_EQ(Shown(grammar.Help(View::kSystem, kManage, "interface tunnel ")), "<0-1023>|");
  EXPECT_EQ(Shown(grammar.Help(View::kTunnel, kManage, "sys")), "sysname|") << "falls back to system view";
  const HelpResult none = grammar.Help(View::kSystem, kManage, "acl x");
  EXPECT_TRUE(none.lines.empty());
  EXPECT_EQ(none.refusal.column, 4U);
}

TEST(Grammar, CompletesToTheCanonicalSpelling) {
  const Grammar grammar = Sample();
  const CompletionResult words = grammar.Complete(View::kSystem, kManage, "I");
  EXPECT_EQ(words.words, (std::vector<std::string>{"ike", "info-center", "interface"}));
  EXPECT_EQ(words.begin, 0U);
  const CompletionResult type = grammar.Complete(View::kSystem, kManage, "interface tu");
  EXPECT_EQ(type.words, (std::vector<std::string>{"Tunnel"}));
  EXPECT_EQ(type.begin, 10U);
  EXPECT_TRUE(grammar.Complete(View::kSystem, kManage, "nothing ").words.empty());
}

struct BadRow {
  Command command;
  const char* why;
};

TEST(Grammar, RefusesTablesThatAreWrong) {
  auto build = [](std::initializer_list<Command> rows) {
    const std::vector<Command> table(rows);
    const std::span<const Command> tables[] = {table};
    return Grammar::Build(tables).status();
  };
  const Command good{.views = 1, .form = "a b", .help = "A|B"};
  EXPECT_TRUE(build({good}).ok());
  EXPECT_EQ(build({good, good}).code(), Code::kExists);
  for (const auto& [form, help] : std::initializer_list<std::pair<const char*, const char*>>{{"a b", "A"},
                                                                                             {"a b", "A|B|C"},
                                                                                             {"a [ b", "A|B"},
                                                                                             {"a b ]", "A|B"},
                                                                                             {"a { b | }", "A|B"},
                                                                                             {"a <b>", "A|B"},
                                                                                             {"a <b:nosuch>", "A|B"},
                                                                                             {"a <b:int:5-1>", "A|B"},
                                                                                             {"<b:ip>", "B"},
                                                                                             {"", ""},
                                                                                             {"a { b }+", "A|B"},
                                                                                             {"a b|c", "A|B"},
                                                                                             {"[ a ]", "A"},
                                                                                             {"a b", "|B"}}) {
    EXPECT_FALSE(build({{.views = 1, .form = form, .help = help}}).ok()) << form;
  }
}

// A setting whose undo is kept as a setting of its own has a row for it: "undo snmp-agent trap enable dvpn map".
bool HasUndoRow(const Grammar& grammar, const Command& command) {
  const std::string_view form = command.form;
  if (form.starts_with("undo ")) return true;
  const std::string words = "undo " + std::string(form.substr(0, std::min(form.find(" {"), form.find('=')))) + "=";
  return std::ranges::any_of(grammar.entries(), [&](const Grammar::Entry& other) {
    return other.command->views == command.views && other.command->form.starts_with(words);
  });
}

TEST(CommandTables, AreCompleteAndConsistent) {
  const Result<Grammar> grammar = BuildGrammar();
  ASSERT_TRUE(grammar.ok()) << grammar.why();
  for (const Grammar::Entry& entry : grammar->entries()) {
    const Command& command = *entry.command;
    EXPECT_NE(command.views, 0U) << command.form;
    if (command.stores == Stores::kNothing) {
      EXPECT_NE(entry.undo ? command.undo_run : command.run, nullptr) << command.form;
      continue;
    }
    EXPECT_TRUE(!command.undo.empty() || HasUndoRow(*grammar, command))
        << command.form << ": every setting can be undone";
    const configdb::Table* table = configdb::FindTable(command.table);
    ASSERT_NE(table, nullptr) << command.form;
    for (const Symbol& terminal : entry.form.terminals) {
      if (terminal.name.empty()) continue;
      const configdb::Column* column = configdb::FindColumn(*table, terminal.name);
      if (column == nullptr && command.run != nullptr) continue;  // what it stands for is the command's affair
      ASSERT_NE(column, nullptr) << command.form << ": " << terminal.name;
      const bool named = terminal.spec.type == ArgumentType::kNamed;
      const bool number = terminal.spec.type == ArgumentType::kInt || terminal.spec.type == ArgumentType::kMask;
      if (named) continue;  // a table of names says itself what is stored
      if (!terminal.keyword) {
        EXPECT_EQ(number, column->type == configdb::Type::kInt) << command.form;
      } else if (!terminal.stores_null && column->type == configdb::Type::kText) {
        const bool one_word = terminal.value.find(' ') == std::string::npos || !column->one_of.empty();
        EXPECT_TRUE(one_word && CheckValue(*table, *column, terminal.value).ok()) << command.form;
      }
      if (!terminal.keyword && terminal.spec.type == ArgumentType::kInt) {
        EXPECT_GE(terminal.spec.low, column->low) << command.form;
        EXPECT_LE(terminal.spec.high, column->high) << command.form;
      }
    }
  }
}

// The forms have the ranges of hal/base/dvpn_ranges.h.
TEST(CommandTables, HaveTheRangesOfTheDvpnEngine) {
  const Grammar grammar = *BuildGrammar();
  auto check = [&](std::string_view name, std::int64_t low, std::int64_t high, std::optional<std::int64_t> preset) {
    int found = 0;
    for (const Grammar::Entry& entry : grammar.entries()) {
      if (entry.undo || entry.command->stores != Stores::kColumns) continue;
      for (const Symbol& terminal : entry.form.terminals) {
        if (terminal.keyword || terminal.name != name) continue;
        ++found;
        EXPECT_EQ(terminal.spec.low, low) << name;
        EXPECT_EQ(terminal.spec.high, high) << name;
        EXPECT_EQ(terminal.spec.preset, preset) << name;
      }
    }
    EXPECT_EQ(found, 1) << name;
  };
  auto range = [&](std::string_view name, const dvpn::Range<int>& r) { check(name, r.low, r.high, r.preset); };
  range("register_interval", dvpn::kRegisterInterval);
  range("register_retry", dvpn::kRegisterRetry);
  range("register_dumb", dvpn::kRegisterDumb);
  range("map_age", dvpn::kMapAge);
  range("address_hold", dvpn::kAddressHold);
  range("user_addresses", dvpn::kUserAddresses);
  range("session_idle_time", dvpn::kSessionIdle);
  range("session_keepalive_interval", dvpn::kSessionKeepalive);
  range("session_setup_interval", dvpn::kSessionSetup);
  range("data_sa_duration", dvpn::kSaDuration);
  range("dvpn_udp_port", dvpn::kUdpPort);
  range("udp_port", dvpn::kUdpPort);
  check("dvpn_id", dvpn::kDvpnId.low, dvpn::kDvpnId.high, std::nullopt);
}

}  // namespace
}  // namespace sw::cli
