// Input that must do no harm at a terminal: lines that are too long, commands that fail from within, text of a refused
// line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/typist.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Harm, ALineThatIsTooLongIsNotRunCut) {
  TestBench bench({.interactive = true});
  Typist typist(bench);
  typist.Type("system-view\racl number 3001\r");
  typist.Type("rule 1 permit ip" + std::string(300, ' ') + "source 10.0.0.9 0\r");
  EXPECT_THAT(typist.screen, HasSubstr("A line has at most 254 characters"));
  typist.Type("rule 2 deny ip\r");
  typist.Type("rule 1 permit ip" + std::string(9000, ' ') + "source 10.0.0.9 0\r");
  bench.session->Listen(&bench.screen);
  const std::string running = bench.Run("display this");
  EXPECT_THAT(running, HasSubstr(" rule 2 deny ip\n"));
  EXPECT_THAT(running, Not(HasSubstr("rule 1"))) << running;
}

// What comes part by part, or abbreviated, is printed as one line, which must come back.
TEST(Harm, NothingIsStoredThatWouldBeTooLongALine) {
  TestBench bench;
  bench.RunAll({"system-view", "acl number 3000"});
  EXPECT_EQ(bench.OutcomeOf("rule 65534 permit tcp source 110.100.100.100 100.255.255.255 destination 110.100.100.101 "
                            "100.255.255.255 source-port range 1000 10000 destination-port range 1000 10000"),
            Outcome::kChanged);
  const std::string before = bench.Run("display this");
  EXPECT_EQ(
      bench.OutcomeOf("rule 65534 permit tcp established precedence flash-override tos max-reliability time-range " +
                      std::string(32, 't') + " logging fragment"),
      Outcome::kRefused);
  EXPECT_EQ(bench.screen.ready.reason, "Written out, the line would have more than 254 characters");
  EXPECT_EQ(bench.Run("display this"), before);
}

TEST(Harm, TheTextOfARefusedLineIsSkippedUntilItEnds) {
  TestBench bench({.interactive = true});
  bench.RunAll({"system-view", "header motd %"});
  EXPECT_EQ(bench.OutcomeOf("sysname B"), Outcome::kSkipped);
  EXPECT_EQ(bench.OutcomeOf("%"), Outcome::kSkipped);
  EXPECT_EQ(bench.OutcomeOf("sysname C"), Outcome::kChanged);
  bench.RunAll({"header motd %"});
  bench.session->Send(Control::kCancel);
  EXPECT_EQ(bench.OutcomeOf("sysname D"), Outcome::kChanged) << "Ctrl+C leads out of it";
}

TEST(Harm, WhatEveryViewKnowsIsNotSkippedWithARefusedBlock) {
  TestBench bench;
  bench.RunAll({"system-view", "interface Ethernet0/1"});
  EXPECT_EQ(bench.OutcomeOf("description x"), Outcome::kSkipped);
  EXPECT_NE(bench.OutcomeOf("display clock"), Outcome::kSkipped);
  bench.RunAll({"interface Ethernet0/1", "return"});
  EXPECT_EQ(bench.session->view(), View::kUser);
}

Status Throw(Operator&, const Match&) {
  throw std::runtime_error("boom\x07");
}
Status ThrowWhenAnswered(Operator& session, const Match&) {
  return session.Ask("Sure? [Y/N]:", "y", [](std::string_view) -> Status { throw 7; });
}
constexpr Command kThrowing[] = {
    {.views = kAnyView, .level = kVisit, .form = "throw", .help = "Throw", .run = Throw},
    {.views = kAnyView, .level = kVisit, .form = "ask", .help = "Ask, then throw", .run = ThrowWhenAnswered},
    {.views = kAnyView,
     .level = kVisit,
     .form = "fine",
     .help = "Nothing",
     .run = [](Operator&, const Match&) { return Status(); }},
};

TEST(Harm, WhatACommandThrowsEndsThatCommandAlone) {
  TestBench bench;
  const std::span<const Command> table(kThrowing);
  const Grammar grammar = std::move(*Grammar::Build({&table, 1}));
  Session session(*bench.device, grammar, {.interactive = true});
  session.Listen(&bench.screen);
  session.Execute("throw");
  EXPECT_EQ(session.ready().outcome, Outcome::kRefused);
  EXPECT_EQ(session.ready().reason, "The command failed: boom\\x07");
  session.Execute("ask");
  session.Execute("y");
  EXPECT_EQ(session.ready().outcome, Outcome::kRefused);
  session.Execute("fine");
  EXPECT_EQ(session.ready().outcome, Outcome::kAccepted);
  bench.session->Listen(&bench.screen);
  EXPECT_THAT(bench.Run("display logbuffer"), HasSubstr("SHELL/4/FAILED:a command of console failed: boom\\x07"));
}

}  // namespace
}  // namespace sw::cli
