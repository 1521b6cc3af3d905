// What is configured prints; what is printed configures. Random lines are made from the forms themselves, so a new
// command is covered the day it stands in a table.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/grammar/line.h"
#include "tests/unit/cli/line_generator.h"
#include "tests/unit/cli/round_trip.h"

namespace sw::cli {
namespace {

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
