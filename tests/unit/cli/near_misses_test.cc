// Lines that are almost right: refused alike by a device and by a check, with a caret inside the line.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/grammar/line.h"
#include "tests/unit/cli/line_generator.h"
#include "tests/unit/cli/round_trip.h"

namespace sw::cli {
namespace {

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
TEST(NearMisses, ACheckSaysOfEachLineWhatTheDeviceSays) {
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

TEST(NearMisses, RefusesEveryNearMissWithACaretInsideTheLine) {
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

}  // namespace
}  // namespace sw::cli
