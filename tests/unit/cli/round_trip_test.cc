// What is configured prints; what is printed configures. Random lines are made from the forms themselves, so a new
// command is covered the day it stands in a table.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/configuration/text.h"
#include "cli/grammar/interface_name.h"
#include "cli/grammar/line.h"
#include "cli/replay/replay.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/line_generator.h"

namespace sw::cli {
namespace {

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

// Small configurations, many of them: without a device, each three lines more than the one before it, from an empty one
// on every twenty. They are read into a change that is then dropped.
TEST(RoundTrip, ThousandsOfConfigurationsPrintReplayAndPrintTheSame) {
  const Grammar grammar = std::move(*BuildGrammar());
  configdb::Store replayed = std::move(*configdb::Store::OpenScratch());
  Session reader(replayed, grammar, {.start = View::kSystem});
  std::set<std::string> different;
  std::set<const Command*> stored;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Generator generate(grammar, seed);
    configdb::Store typed = std::move(*configdb::Store::OpenScratch());
    Session session(typed, grammar, {.start = View::kSystem});
    if (seed % 2 == 0) {  // what settings may name
      for (const char* object :
           {"ipsec proposal", "ike dpd", "pki domain", "ike peer", "dvpn class", "dvpn policy", "domain"})
        for (const char* name : {"a", "b", "c", "d"}) session.Execute(std::string(object) + " " + name);
      for (const char* line : {"ipsec policy a 1 isakmp", "ipsec policy-template a 1", "interface tunnel 2",
                               "tunnel-protocol udp dvpn", "dvpn interface-type server"})
        session.Execute(line);
    }
    for (int i = 0; i < 20; ++i) {
      for (int line = 0; line < 3; ++line) {
        const std::size_t way = generate.Below(8);
        const std::string typed_line = way < 2    ? generate.Entrance()
                                       : way == 2 ? generate.Line(View::kSystem)
                                                  : generate.Line(session.view());
        ParseResult parsed = grammar.Parse(session.view(), kManage, typed_line);
        if (!parsed.match) parsed = grammar.Parse(View::kSystem, kManage, typed_line);  // as a session does
        session.Execute(typed_line);
        if (parsed.match && session.ready().outcome != Outcome::kRefused) stored.insert(parsed.match->command);
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
  for (const Grammar::Entry& entry : grammar.entries()) {
    const Command& command = *entry.command;
    if (entry.undo || command.stores == Stores::kNothing) continue;
    EXPECT_TRUE(stored.contains(&command)) << "in none of them: " << command.form;
  }
}

// What no argument of this kind can be; empty: there is nothing that it cannot.
std::string WrongWord(const ArgumentSpec& spec) {
  switch (spec.type) {
    case ArgumentType::kInt:
      return std::to_string(spec.high + 1);
    case ArgumentType::kAddress:
    case ArgumentType::kWildcard:
      return "10.0.0.256";
    case ArgumentType::kMask:
      return "255.0.255.0";
    case ArgumentType::kString:
      return std::string(static_cast<std::size_t>(spec.high) + 1, 'x');
    case ArgumentType::kText:
      return {};
    case ArgumentType::kInterfaceWord:
      return "Tunnel4096";
    case ArgumentType::kInterfaceNumber:
      return "0/0/0/0";
    case ArgumentType::kNamed:
      return "no-such-name";
    case ArgumentType::kTime:
    case ArgumentType::kHourMinute:
    case ArgumentType::kHoursMinutes:
      return "25:61";
    case ArgumentType::kDate:
    case ArgumentType::kUsDate:
      return "2010/13/32";
    case ArgumentType::kMac:
      return "00e0-fc01-g000";
    case ArgumentType::kHex:
      return "10000";
  }
  return {};
}

struct NearMiss {
  std::string line;
  std::size_t token;  // that was changed, added or left out
};

// One change to a line that parses, after which hardly any command can mean it.
NearMiss Spoilt(Generator& generate, const Grammar& grammar, View view, const std::string& line) {
  const Tokens tokens = Tokenise(line);
  const Match match = *grammar.Parse(view, kManage, line).match;
  if (generate.Below(8) == 0) return {line + " superfluous", tokens.size()};
  if (generate.Below(8) == 0) return {line.substr(0, tokens.back().begin), tokens.size() - 1};
  const std::size_t at = std::min(generate.Below(tokens.size()), match.path.size() - 1);
  const Symbol& symbol = *match.path[at];
  const std::string word = symbol.keyword ? std::string(tokens[at].text) + "#" : WrongWord(symbol.spec);
  if (word.empty()) return {};
  return {line.substr(0, tokens[at].begin) + word + line.substr(tokens[at].begin + tokens[at].text.size()), at};
}

// Whether the line is right after all: an alternative of the form takes any word there, or a greater number, or the
// line is complete without what was left out.
bool MeansSomethingElse(const Match& match, const NearMiss& miss) {
  if (miss.token >= match.path.size()) return true;
  const Symbol& symbol = *match.path[miss.token];
  return !symbol.keyword && (symbol.spec.type == ArgumentType::kString || symbol.spec.type == ArgumentType::kText ||
                             symbol.spec.type == ArgumentType::kInt);
}

// "GigabitEthernet0/0: GigabitEthernet0/0: ..."
bool HasDoubledWord(std::string_view reason) {
  std::string_view before;
  for (const Token& token : Tokenise(reason)) {
    if (token.text.size() > 2 && token.text == before) return true;
    before = token.text;
  }
  return false;
}

// The device and a check go one way: the same lines, right and wrong ones, are taken and refused alike.
TEST(RoundTrip, ACheckSaysOfEachLineWhatTheDeviceSays) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TestBench bench;
    Generator generate(bench.grammar, seed);
    std::string script;
    View view = View::kSystem;
    for (int i = 0; i < 300; ++i) {
      const std::size_t way = generate.Below(8);
      std::string line = way == 0 ? generate.Entrance() : generate.Line(view);
      if (line.empty()) continue;
      if (way == 1 && bench.grammar.Parse(view, kManage, line).match) {
        const NearMiss miss = Spoilt(generate, bench.grammar, view, line);
        if (!miss.line.empty()) line = miss.line;
      }
      if (way == 2) line[generate.Below(line.size())] = static_cast<char>(generate.Below(255) + 1);
      script += std::string(generate.Below(3), ' ') + line + "\n";
      (void)bench.Run(line);
      view = bench.session->view() == View::kUser ? View::kSystem : bench.session->view();
    }
    TestBench device;
    const ReplayReport told = Apply(device, script);
    const Result<ReplayReport> checked = CheckScript(device.grammar, {}, "text", script);
    ASSERT_TRUE(checked.ok());
    ASSERT_EQ(checked->lines.size(), told.lines.size());
    for (std::size_t i = 0; i < told.lines.size(); ++i) {
      const LineReport &there = told.lines[i], &here = checked->lines[i];
      EXPECT_EQ(here.outcome, there.outcome) << there.text << "\n" << there.reason << "\n" << here.reason;
      EXPECT_EQ(here.reason, there.reason) << there.text;
      EXPECT_FALSE(HasDoubledWord(there.reason)) << there.text << "\n" << there.reason;
      EXPECT_EQ(here.column, there.column) << there.text << "\n" << there.reason;
    }
  }
}

TEST(RoundTrip, RefusesEveryNearMissWithACaretInsideTheLine) {
  TestBench bench;
  Generator generate(bench.grammar, 4711);
  std::set<const Command*> tried;
  int refused = 0, other = 0, unclear = 0;
  for (int i = 0; i < 40000; ++i) {
    const View view = static_cast<View>(generate.Below(kViews));
    const std::string line = generate.Line(view);
    if (line.empty() || line.size() > kMaxLine / 2) continue;
    const ParseResult right = bench.grammar.Parse(view, kManage, line);
    if (!right.match) {  // a random name that abbreviates a keyword
      ++unclear;
      continue;
    }
    const NearMiss miss = Spoilt(generate, bench.grammar, view, line);
    if (miss.line.empty()) continue;
    const ParseResult parsed = bench.grammar.Parse(view, kManage, miss.line);
    if (parsed.match) {
      EXPECT_TRUE(MeansSomethingElse(*parsed.match, miss)) << miss.line;
      ++other;
      continue;
    }
    // Incomplete lines have the caret behind their last word.
    const std::size_t end = TrimEnd(miss.line).size();
    EXPECT_LT(parsed.refusal.column, end + (parsed.refusal.error == SyntaxError::kIncomplete ? 1 : 0)) << miss.line;
    tried.insert(right.match->command);
    ++refused;
  }
  EXPECT_GT(refused, 10000);
  EXPECT_LT(other, refused / 5);
  EXPECT_LT(unclear, refused / 20);
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    if (entry.undo || entry.command->stores == Stores::kNothing) continue;
    EXPECT_TRUE(tried.contains(entry.command)) << "never missed: " << entry.command->form;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoundTrip, testing::Range<std::uint64_t>(1, 9));

// The same line with every keyword as short as it can be.
std::string Abbreviated(const Grammar& grammar, View view, const std::string& line) {
  std::string out = line;
  const auto same = [&](const std::string& shorter, const Command* command) {
    const ParseResult parsed = grammar.Parse(view, kManage, shorter);
    return parsed.match && parsed.match->command == command;
  };
  const ParseResult parsed = grammar.Parse(view, kManage, line);
  if (!parsed.match) return line;
  for (std::size_t at = parsed.match->path.size(); at-- > 0;) {  // from the end: what is before stays where it is
    if (!parsed.match->path[at]->keyword) continue;
    const Token token = Tokenise(line)[at];
    for (std::size_t letters = 1; letters < token.text.size(); ++letters) {
      const std::string shorter = out.substr(0, token.begin + letters) + out.substr(token.begin + token.text.size());
      if (!same(shorter, parsed.match->command)) continue;
      out = shorter;
      break;
    }
  }
  return out;
}

TEST(RoundTrip, NoLineIsPrintedThatIsTooLongToBeTyped) {
  std::size_t longest = 0;
  for (const View view : {View::kSystem, View::kGigabitEthernet, View::kAclAdvanced, View::kIkePeer, View::kLocalUser,
                          View::kDvpnClass, View::kL2tpGroup, View::kIspDomain}) {
    TestBench bench;
    Generator generate(bench.grammar, 3);
    generate.set_long();
    bench.RunAll({"system-view", "time-range " + std::string(32, 'a') + " 08:00 to 18:00 daily"});
    for (int i = 0; i < 300; ++i) {
      for (const char* enter : {"ike peer x", "local-user u", "dvpn class c", "l2tp-group 5", "domain a",
                                "acl number 3777", "interface GigabitEthernet0/0"}) {
        if (bench.session->view() == view || view == View::kSystem) break;
        (void)bench.Run(enter);
      }
      const std::string line = Abbreviated(bench.grammar, view, generate.Line(view));
      if (line.size() > kMaxLine) continue;
      (void)bench.Run(line);
    }
    const std::string text = Printed(bench);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      longest = std::max(longest, end - at - (text[at] == ' ' ? 1 : 0));
      at = end + 1;
    }
  }
  EXPECT_LE(longest, kMaxLine);
  EXPECT_GT(longest, 200U);
}

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
  return command.table == "acl_rule" || command.table == "acl_comment" || command.table == "time_range";
}

struct Place {
  View view;
  const char* enter;
  const char* keep = "\n";  // lines that begin so are not tried: what they set stays as the test made it
};
constexpr Place kPlaces[] = {
    {View::kSystem, "#"},
    {View::kGigabitEthernet, "interface GigabitEthernet0/0.1"},
    {View::kGigabitEthernet, "interface GigabitEthernet0/0"},  // a port itself
    {View::kVirtualTemplate, "interface virtual-template 5"},
    {View::kLoopBack, "interface loopback 5"},
    {View::kTunnel, "interface tunnel 5"},
    {View::kTunnel, "interface tunnel 6", "dvpn interface-type"},  // a server: what only servers take is tried
    {View::kNull, "interface null 0"},
    {View::kEncrypt, "interface encrypt 1/0"},
    {View::kIspDomain, "domain a"},
    {View::kLocalUser, "local-user u"},
    {View::kRadiusScheme, "radius scheme a"},
    {View::kHwtacacsScheme, "hwtacacs scheme a"},
    {View::kAclBasic, "acl number 2777"},
    {View::kIkeProposal, "ike proposal 77"},
    {View::kIkeDpd, "ike dpd x"},
    {View::kPkiDomain, "pki domain x"},
    {View::kIkePeer, "ike peer x"},
    {View::kIpsecProposal, "ipsec proposal x"},
    {View::kIpsecProposal, "ipsec proposal y", "transform"},
    {View::kIpsecCardProposal, "ipsec card-proposal z"},
    {View::kIpsecPolicyTemplate, "ipsec policy-template x 5"},
    {View::kIpsecPolicyManual, "ipsec policy x 10 manual"},
    {View::kIpsecPolicyIsakmp, "ipsec policy y 10 isakmp"},
    {View::kDvpnClass, "dvpn class c"},
    {View::kDvpnPolicy, "dvpn policy d"},
    {View::kL2tpGroup, "l2tp-group 5"},
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
    const int tries = place.view == View::kSystem ? 2000 : 300;  // there are that many more settings
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
