// What is configured prints; what is printed configures. Random lines are made from the forms themselves, so a new
// command is covered the day it stands in a table.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/grammar/interface_name.h"
#include "cli/grammar/line.h"
#include "cli/render/configuration.h"
#include "cli/replay/replay.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

class Generator {
 public:
  Generator(const Grammar& grammar, std::uint64_t seed) : grammar_(grammar), random_(seed) {}

  std::string Line(View view) {
    std::vector<const Grammar::Entry*> choices;
    for (const Grammar::Entry& entry : grammar_.entries()) {
      const Command& command = *entry.command;
      if (entry.undo || command.stores == Stores::kNothing || (command.views & In(view)) == 0) continue;
      choices.push_back(&entry);
    }
    if (choices.empty()) return {};
    const Form& form = choices[Below(choices.size())]->form;
    return Text(form, form.tree);
  }
  std::size_t Below(std::size_t n) { return random_.U32() % n; }

 private:
  std::string Text(const Form& form, const FormNode& node) {
    switch (node.kind) {
      case FormNode::Kind::kTerminal:
        return Word(form.terminals[node.terminal]);
      case FormNode::Kind::kSequence: {
        std::string out;
        for (const FormNode& part : node.parts) Join(out, Text(form, part));
        return out;
      }
      case FormNode::Kind::kChoice:
        return Text(form, node.parts[Below(node.parts.size())]);
      case FormNode::Kind::kOption:
        return Below(2) == 0 ? std::string() : Text(form, node.parts.front());
      case FormNode::Kind::kLoop: {
        std::string out;
        const std::size_t first = Below(node.parts.size());
        Join(out, Text(form, node.parts[first]));
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
          if (i != first && Below(2) == 0) Join(out, Text(form, node.parts[i]));
        }
        return out;
      }
    }
    return {};
  }
  static void Join(std::string& out, const std::string& word) {
    if (!word.empty()) out += (out.empty() ? "" : " ") + word;
  }
  std::string Address() {
    return "10." + std::to_string(Below(200)) + "." + std::to_string(Below(200)) + "." + std::to_string(1 + Below(200));
  }
  std::string Word(const Symbol& terminal) {
    if (terminal.keyword) return terminal.word;
    const ArgumentSpec& spec = terminal.spec;
    if (terminal.name.starts_with("header_")) return "%text " + std::to_string(Below(100)) + "%";
    if (terminal.name == "fingerprint") return "SHA256:" + std::string(43, static_cast<char>('A' + Below(4)));
    if (terminal.name == "view") return "system";
    if (terminal.name == "command") return Below(2) == 0 ? "interface" : "undo interface";
    switch (spec.type) {
      case ArgumentType::kInt:
        if (terminal.name == "mask_length") return "24";
        if (terminal.name == "number" && spec.low == 1000) {  // ACLs of every kind
          return std::to_string(1000 * (1 + Below(4)) + Below(3));
        }
        return std::to_string(spec.low + static_cast<std::int64_t>(Below(static_cast<std::size_t>(
                                             std::min<std::int64_t>(spec.high - spec.low, 50) + 1))));
      case ArgumentType::kAddress:
        return Address();
      case ArgumentType::kMask:
        return "255.255.255.0";
      case ArgumentType::kWildcard:
        return "0";
      case ArgumentType::kString:
        return std::string(static_cast<std::size_t>(std::max<std::int64_t>(spec.low, 1)),
                           static_cast<char>('a' + Below(4)));
      case ArgumentType::kText:
        return "some text " + std::to_string(Below(100));
      case ArgumentType::kInterfaceWord:
        return "Tunnel" + std::to_string(Below(3));
      case ArgumentType::kInterfaceNumber: {
        if (spec.interface_type == "NULL") return "0";
        if (spec.interface_type == "GigabitEthernet")
          return Below(2) == 0 ? "0/0" : "0/0." + std::to_string(1 + Below(3));
        return std::to_string(Below(3));
      }
      case ArgumentType::kNamed:
        return std::string(spec.names[Below(spec.names.size())].name);
      case ArgumentType::kTime:
        return "0" + std::to_string(1 + Below(9)) + ":00:00";
      case ArgumentType::kHourMinute:  // what begins does so before what ends
        return terminal.name == "start_time" ? "08:0" + std::to_string(Below(10)) : "18:0" + std::to_string(Below(10));
      case ArgumentType::kHoursMinutes:
        return "100:0" + std::to_string(Below(10));
      case ArgumentType::kDate:
        return terminal.name == "summer_start_date" ? "2010/03/28" : "2010/10/31";
      case ArgumentType::kUsDate:
        return terminal.name == "from_date" ? "01/01/2008" : "01/01/2012";
      case ArgumentType::kMac:
        return "00e0-fc01-000" + std::to_string(Below(10));
      case ArgumentType::kHex:
        return "080" + std::to_string(Below(10));
    }
    return {};
  }

  const Grammar& grammar_;
  SeededRandom random_;
};

std::string Printed(TestBench& bench) {
  return *ConfigurationText(bench.grammar, bench.device->store());
}

ReplayReport Apply(TestBench& bench, const std::string& text, OnError on_error = OnError::kContinue) {
  ReplayReport report;
  Replay replay(*bench.session, "text", text, on_error);
  replay.Start([&report](ReplayReport done) { report = std::move(done); });
  bench.session->Listen(&bench.screen);
  return report;
}

std::string Refusals(const ReplayReport& report) {
  std::string out;
  for (const LineReport& line : report.lines) {
    if (line.outcome == Outcome::kRefused) out += line.text + ": " + line.reason + "\n";
  }
  return out;
}

class RoundTrip : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RoundTrip, PrintReplayPrintIsByteIdentical) {
  TestBench bench;
  Generator generate(bench.grammar, GetParam());
  (void)bench.Run("system-view");
  int changed = 0;
  for (int i = 0; i < 400; ++i) {
    View view = bench.session->view();
    if (generate.Below(8) == 0) view = View::kSystem;  // and so into another object
    const std::string line = generate.Line(view);
    if (!line.empty() && bench.OutcomeOf(line) == Outcome::kChanged) ++changed;
  }
  EXPECT_GT(changed, 100) << "the generator must hit the device's liking most of the time";

  const std::string first = Printed(bench);
  TestBench empty;
  const ReplayReport report = Apply(empty, first);
  EXPECT_EQ(report.refused, 0U) << Refusals(report);
  EXPECT_EQ(Printed(empty), first);

  const ReplayReport again = Apply(empty, first);
  EXPECT_EQ(again.changed, 0U) << "a second run changes nothing";
  EXPECT_EQ(again.refused, 0U) << Refusals(again);
}

// Small configurations, many of them: without a device, each two lines more than the one before it, from an empty one
// on every twenty. They are read into a change that is then dropped.
TEST(RoundTrip, ThousandsOfConfigurationsPrintReplayAndPrintTheSame) {
  const Grammar grammar = std::move(*BuildGrammar());
  configdb::Store replayed = std::move(*configdb::Store::OpenScratch());
  Session reader(replayed, grammar, {.start = View::kSystem});
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Generator generate(grammar, seed);
    configdb::Store typed = std::move(*configdb::Store::OpenScratch());
    Session session(typed, grammar, {.start = View::kSystem});
    for (int i = 0; i < 20; ++i) {
      for (int line = 0; line < 2; ++line) {
        const View view = generate.Below(4) == 0 ? View::kSystem : session.view();
        session.Execute(generate.Line(view));
      }
      const std::string first = *ConfigurationText(grammar, typed);
      if (!different.insert(first).second) continue;
      reader.Send(Control::kBegin);
      ReplayReport report;
      Replay replay(reader, "text", first, OnError::kContinue);
      replay.Start([&report](ReplayReport done) { report = std::move(done); });
      ASSERT_EQ(report.refused, 0U) << "seed " << seed << "\n" << Refusals(report);
      ASSERT_EQ(*ConfigurationText(grammar, replayed), first) << "seed " << seed;
      reader.Send(Control::kRollback);
    }
  }
  EXPECT_GT(different.size(), 2000U);
}

// One change to a line that parses, after which no command can mean it.
std::string Spoilt(Generator& generate, const Grammar& grammar, View view, const std::string& line) {
  const std::vector<Token> tokens = Tokenise(line);
  const Match match = *grammar.Parse(view, kManage, line).match;
  const std::size_t at = generate.Below(tokens.size());
  const auto with = [&](std::size_t token, const std::string& text) {
    return line.substr(0, tokens[token].begin) + text + line.substr(tokens[token].begin + tokens[token].text.size());
  };
  const Symbol& symbol = *match.path[std::min(at, match.path.size() - 1)];
  if (!symbol.keyword && symbol.spec.type == ArgumentType::kInt) {
    return with(at, std::to_string(symbol.spec.high + 1));
  }
  if (!symbol.keyword && symbol.spec.type == ArgumentType::kAddress) return with(at, "10.0.0.256");
  if (symbol.keyword) return with(at, std::string(tokens[at].text) + "#");
  return {};
}

TEST(RoundTrip, RefusesEveryNearMissWithACaretInsideTheLine) {
  TestBench bench;
  Generator generate(bench.grammar, 4711);
  int refused = 0;
  for (int i = 0; i < 6000; ++i) {
    const View view = static_cast<View>(generate.Below(kViews));
    const std::string line = generate.Line(view);
    if (line.empty() || !bench.grammar.Parse(view, kManage, line).match) continue;
    const std::string spoilt = Spoilt(generate, bench.grammar, view, line);
    if (spoilt.empty()) continue;
    const ParseResult parsed = bench.grammar.Parse(view, kManage, spoilt);
    // A number too high for one command may be a word to another alternative of the form: then it is a valid line.
    if (parsed.match) {
      EXPECT_TRUE(std::ranges::any_of(parsed.match->path, [](const Symbol* s) {
        return !s->keyword && (s->spec.type == ArgumentType::kString || s->spec.type == ArgumentType::kText ||
                               s->spec.type == ArgumentType::kInt);
      })) << spoilt;
      continue;
    }
    EXPECT_LT(parsed.refusal.column, spoilt.size()) << spoilt;
    ++refused;
  }
  EXPECT_GT(refused, 2000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoundTrip, testing::Range<std::uint64_t>(1, 9));

// The undo of a line, from the undo form: arguments as the line has them, options where it has them all.
std::optional<std::string> UndoText(const Form& undo, const FormNode& node, const Match& match) {
  std::string out;
  switch (node.kind) {
    case FormNode::Kind::kTerminal: {
      const Symbol& terminal = undo.terminals[node.terminal];
      if (terminal.keyword) return terminal.word;
      const Argument* argument = match.Find(terminal.name);
      if (argument == nullptr) return std::nullopt;
      return PrintArgument(terminal.spec, argument->value);
    }
    case FormNode::Kind::kSequence:
      for (const FormNode& part : node.parts) {
        const std::optional<std::string> text = UndoText(undo, part, match);
        if (!text) return std::nullopt;
        if (!text->empty()) out += (out.empty() ? "" : " ") + *text;
      }
      return out;
    case FormNode::Kind::kOption:
      return UndoText(undo, node.parts.front(), match).value_or("");
    case FormNode::Kind::kLoop:  // the words that the line has
      for (const FormNode& part : node.parts) {
        if (part.kind == FormNode::Kind::kTerminal && !match.Has(undo.terminals[part.terminal].word)) continue;
        if (const std::optional<std::string> text = UndoText(undo, part, match))
          out += (out.empty() ? "" : " ") + *text;
      }
      if (out.empty()) return std::nullopt;
      return out;
    case FormNode::Kind::kChoice:
      for (const FormNode& part : node.parts) {
        if (std::optional<std::string> text = UndoText(undo, part, match)) return text;
      }
      break;
  }
  return std::nullopt;
}

// Undone by a name or number that the line may not hold: tests of their own (acl_commands_test.cc).
bool UndoneByName(const Command& command) {
  return command.table == "acl_rule" || command.table == "time_range";
}

struct Place {
  View view;
  const char* enter;
  const char* keep = "\n";  // lines that begin so are not tried: what they set stays as the test made it
};
constexpr Place kPlaces[] = {
    {View::kSystem, "#"},
    {View::kGigabitEthernet, "interface GigabitEthernet0/0.1"},
    {View::kLoopBack, "interface loopback 5"},
    {View::kTunnel, "interface tunnel 5"},
    {View::kTunnel, "interface tunnel 6", "dvpn interface-type"},  // a server: what only servers take is tried
    {View::kNull, "interface null 0"},
    {View::kEncrypt, "interface encrypt 1/0"},
    {View::kIspDomain, "domain a"},
    {View::kLocalUser, "local-user u"},
    {View::kRadiusScheme, "radius scheme a"},
    {View::kHwtacacsScheme, "hwtacacs scheme a"},
    {View::kIkeProposal, "ike proposal 77"},
    {View::kIkeDpd, "ike dpd x"},
    {View::kPkiDomain, "pki domain x"},
    {View::kIkePeer, "ike peer x"},
    {View::kIpsecProposal, "ipsec proposal x"},
    {View::kIpsecProposal, "ipsec proposal y", "transform"},
    {View::kIpsecPolicyTemplate, "ipsec policy-template x 5"},
    {View::kIpsecPolicyManual, "ipsec policy x 10 manual"},
    {View::kIpsecPolicyIsakmp, "ipsec policy y 10 isakmp"},
    {View::kDvpnClass, "dvpn class c"},
    {View::kDvpnPolicy, "dvpn policy d"},
    {View::kUserInterface, "user-interface vty 1 3"},
};

// Each setting in turn, in a view of its own object: on, off, and nothing is left.
TEST(RoundTrip, UndoRestoresThePrintOfEverySetting) {
  TestBench bench;
  Generator generate(bench.grammar, 99);
  bench.RunAll({"system-view", "interface GigabitEthernet0/0", "interface tunnel 6", "dvpn interface-type server"});
  // What settings may name.
  for (const char* object : {"ipsec proposal", "ike dpd", "pki domain", "ike peer"})
    for (const char* name : {"a", "b", "c"}) (void)bench.Run(std::string(object) + " " + name);
  bench.RunAll({"ipsec policy-template a 1", "ipsec policy a 1 isakmp", "ipsec proposal y", "transform ah-esp"});
  // There is one encryption card: its view is entered when its turn comes, so that making it is tried before.
  for (const Place& place : kPlaces) {
    if (place.view != View::kEncrypt) (void)bench.Run(place.enter);
  }
  std::set<const Command*> covered;
  for (const Place& place : kPlaces) {
    const int tries = place.view == View::kSystem ? 1500 : 300;  // there are that many more settings
    for (int i = 0; i < tries; ++i) {
      (void)bench.Run(place.enter);
      const std::string before = Printed(bench);
      const std::string line = generate.Line(place.view);
      if (line.starts_with(place.keep)) continue;
      const auto parsed = bench.grammar.Parse(place.view, kManage, line);
      if (parsed.match && parsed.match->command->undo.empty()) continue;
      if (bench.OutcomeOf(line) != Outcome::kChanged) continue;
      EXPECT_NE(Printed(bench), before) << line;
      const Match match = *bench.grammar.Parse(place.view, kManage, line).match;
      if (UndoneByName(*match.command)) {
        (void)bench.Run("#");
        (void)bench.Run("undo " + line);
        continue;
      }
      const auto undo = std::ranges::find_if(bench.grammar.entries(), [&](const Grammar::Entry& entry) {
        return entry.undo && entry.command == match.command;
      });
      (void)bench.Run(place.enter);
      const std::string text = *UndoText(undo->form, undo->form.tree, match);
      EXPECT_EQ(bench.OutcomeOf(text), Outcome::kChanged) << line << " / " << text << ": " << bench.screen.text;
      EXPECT_EQ(Printed(bench), before) << line << " / " << text;
      covered.insert(match.command);
    }
  }
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    const bool undone_here = !entry.command->undo.empty() && !UndoneByName(*entry.command);
    if (entry.command->stores == Stores::kNothing || !undone_here) continue;
    EXPECT_TRUE(covered.contains(entry.command)) << "never undone: " << entry.command->form;
  }
}

}  // namespace
}  // namespace sw::cli
