// Commands that take the lines below them: a text, a message, a password. They are found by running every command, so
// that a new one fails here until it is known what becomes of its lines when it is refused. None of them is ever run as
// a command of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/configuration/text.h"
#include "cli/grammar/line.h"
#include "cli/replay/replay.h"
#include "cli/replay/report.h"
#include "cli/shell/line_feeder.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/typist.h"
#include "tests/unit/cli/line_generator.h"

namespace sw::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(FollowingLines, AreTakenByTheseCommandsAlone) {
  TestBench bench;
  Generator generate(bench.grammar, 5);
  std::set<std::string> found;
  for (const Grammar::Entry& entry : bench.grammar.entries()) {
    for (const View view : {View::kUser, View::kSystem}) {
      if (entry.undo || (entry.command->views & In(view)) == 0) continue;
      for (int tries = 0; tries < 4; ++tries) {
        std::string line = generate.Of(entry);
        if (const std::size_t text = line.find("%text"); text != std::string::npos) line.resize(text + 5);
        bench.Open({.start = view});
        bench.screen.ready = {};
        bench.session->Execute(line);
        if (bench.session->ready().question) found.insert(std::string(Tokenise(line).front().text));
        bench.session->Send(Control::kCancel);
        bench.scheduler.RunFor(std::chrono::seconds(1));
      }
    }
  }
  found.insert("send");                               // nobody is there
  EXPECT_THAT(found, ElementsAre("header", "send"));  // lock and super ask at a line alone, and only if a word is set
}

// The lines of a text or a message, whatever they are, when it is taken and when it is refused.
TEST(FollowingLines, AreNeverRun) {
  const std::pair<const char*, const char*> texts[] = {
      {"header login %", "%"}, {"header shell %abc", "%"}, {"header motd %", "%"}, {"send all", "."},
      {"send vty 9", "."},     {"send everybody", "."},    {"send", "."},          {"header incoming $", "$"},
  };
  const std::pair<const char*, const char*> bodies[] = {
      {"plain", "sysname wrong\n"},
      {"of many lines", "interface LoopBack 7\n description wrong\nquit\nsysname wrong\nreturn\nsystem-view\n"},
      {"with a control byte", "sysname wrong\n\x07\nsysname wrong\n"},
      {"with a mark", "#\nsysname wrong\n#\n"},
      {"with bytes", "\xd6\xd0\nsysname wrong\n"},
  };
  for (const auto& [head, end] : texts)
    for (const auto& [what, body] : bodies) {
      TestBench bench;
      const std::string lines =
          std::string(head) + "\n" + body + std::string(2100, 'x') + "\nsysname wrong\n" + end + "\n";
      Replay replay(*bench.session, "script", "return\n" + lines + "system-view\nsysname right\n", OnError::kContinue);
      replay.Start([](const ReplayReport&) {});
      EXPECT_EQ(bench.device->sysname(), "right") << head << ", " << what;
      EXPECT_THAT(*ConfigurationText(bench.grammar, bench.device->store()), Not(HasSubstr("LoopBack7"))) << head;
    }
}

// A message that is pasted behind a `send` that is refused, whole or in pieces.
TEST(FollowingLines, OfAMessageAreNotRunWhenTheyArePasted) {
  for (const char* head : {"send all", "send vty 9", "send everybody", "send"})
    for (const std::size_t piece : {1, 7, 1000}) {
      TestBench bench({.interactive = true});
      Typist typist(bench);
      const std::string pasted =
          std::string(head) + "\rplain words\rsystem-view\rsysname wrong\rquit\rinterface LoopBack 7\r.\r";
      for (std::size_t at = 0; at < pasted.size(); at += piece) {
        typist.Type(std::string_view(pasted).substr(at, piece));
        bench.scheduler.RunFor(std::chrono::milliseconds(5));
      }
      EXPECT_THAT(typist.screen, HasSubstr("Skipped: it belongs to the refused \"" + std::string(head) + "\"")) << head;
      typist.Type("system-view\rsysname right\r");
      EXPECT_EQ(bench.device->sysname(), "right") << typist.screen;
      EXPECT_THAT(*ConfigurationText(bench.grammar, bench.device->store()), Not(HasSubstr("LoopBack7")));
    }
}

// Who has read the refusal types commands.
TEST(FollowingLines, OfAPersonAreCommands) {
  TestBench bench({.interactive = true});
  Typist typist(bench);
  typist.Type("send all\r");
  bench.scheduler.RunFor(std::chrono::seconds(2));
  typist.Type("system-view\rsysname right\r");
  EXPECT_EQ(bench.device->sysname(), "right") << typist.screen;
}

constexpr const char* kWord = "s3cret-Word";

struct Asking {
  const char* view;  // lines that lead to where it is typed
  const char* head;
  int passwords;
};
constexpr Asking kAsking[] = {
    {"", "super", 1},
    {"", "sup 3", 1},
    {"", "super 2", 1},
    {"", "lock", 2},
    {"system-view\n", "super password", 2},
    {"system-view\n", "super password level 2", 2},
    {"system-view\n", "super password simple", 2},
    {"system-view\nlocal-user u\n", "password", 2},
    {"system-view\nlocal-user u\n", "password cipher", 2},
    {"system-view\nuser-interface vty 0\n", "set authentication password", 2},
    {"system-view\nuser-interface vty 0\n", "set auth pass", 2},
};

std::string ScriptOf(const Asking& asking) {
  std::string out = std::string(asking.view) + asking.head + "\n";
  for (int i = 0; i < asking.passwords; ++i) out += std::string(kWord) + "\n";
  return out + (*asking.view == 0 ? "system-view\n" : "") + "sysname right\n";
}

// Passwords that nobody asked for, or that this device takes in the command alone: neither run nor shown.
TEST(FollowingLines, ThatArePasswordsAreNotShownByAScript) {
  for (const Asking& asking : kAsking) {
    TestBench bench;
    ReplayReport report;
    Replay replay(*bench.session, "script", ScriptOf(asking), OnError::kContinue, true);
    replay.Start([&report](ReplayReport done) { report = std::move(done); });
    EXPECT_EQ(bench.device->sysname(), "right") << asking.head;
    EXPECT_EQ(report.skipped, static_cast<std::size_t>(asking.passwords)) << asking.head;
    for (const ReportFormat format : {ReportFormat::kText, ReportFormat::kJson, ReportFormat::kJunit})
      EXPECT_THAT(ReportText(report, format), Not(HasSubstr(kWord))) << asking.head;
    const Result<ReplayReport> checked = CheckScript(bench.grammar, {}, "script", ScriptOf(asking));
    EXPECT_THAT(ReportText(*checked, ReportFormat::kText), Not(HasSubstr(kWord))) << asking.head;
  }
}

std::string Fed(TestBench& bench, const std::string& text) {
  std::vector<std::string> lines;
  LineReader reader;
  reader.Feed(text, lines);
  device::EventLoop loop;
  std::string shown;
  bool ended = false;
  LineFeeder feeder(
      *bench.session, loop, [&shown](std::string_view out) { shown += out; }, [&ended] { ended = true; });
  feeder.Run(lines);
  EXPECT_TRUE(loop.RunUntil([&ended] { return ended; }, std::chrono::seconds(10)));
  return shown;
}

TEST(FollowingLines, ThatArePasswordsAreNotShownByAPipe) {
  for (const Asking& asking : kAsking) {
    TestBench bench;
    EXPECT_THAT(Fed(bench, ScriptOf(asking)), Not(HasSubstr(kWord))) << asking.head;
    EXPECT_EQ(bench.device->sysname(), "right") << asking.head;
  }
}

TEST(FollowingLines, ThatArePasswordsAreNotRunWhenTheyArePasted) {
  for (const Asking& asking : kAsking) {
    if (asking.head == std::string_view("lock")) continue;  // it asks, at a terminal
    TestBench bench({.interactive = true});
    Typist typist(bench);
    std::string keys = ScriptOf(asking);
    std::ranges::replace(keys, '\n', '\r');
    typist.Type(keys);
    EXPECT_THAT(typist.screen, HasSubstr("Skipped: a password may follow \"")) << typist.screen;
    EXPECT_EQ(bench.device->sysname(), "right") << typist.screen;
  }
}

// A command is a command, behind whatever it stands.
TEST(FollowingLines, ThatAreCommandsAreRun) {
  TestBench bench;
  Replay replay(*bench.session, "script", "super 3\nsys\nlocal-user u\npassword\nquit\nsysname right\n",
                OnError::kContinue, true);
  replay.Start([](const ReplayReport&) {});
  EXPECT_EQ(bench.device->sysname(), "right");
}

// Where the password is asked for, the next line is the answer, whatever it looks like.
TEST(FollowingLines, AnswerWhatAsksForAPassword) {
  for (const char* word : {"s3cret-Word", "save", "system-view", "y"}) {
    TestBench bench;
    bench.RunAll({"system-view", std::string("super password level 3 simple ") + word});
    const std::string script = std::string("super\n") + word + "\nsystem-view\nsysname right\n";
    bench.Open({.level = kVisit});
    Replay replay(*bench.session, "script", script, OnError::kContinue, true);
    ReplayReport report;
    replay.Start([&report](ReplayReport done) { report = std::move(done); });
    EXPECT_EQ(bench.device->sysname(), "right") << word;
    EXPECT_EQ(report.lines.size(), 3U) << word;  // the answer is no line of its own
    bench.RunAll({"sysname other"});
    bench.Open({.level = kVisit});
    EXPECT_THAT(Fed(bench, script), Not(HasSubstr("s3cret-Word"))) << word;
    EXPECT_EQ(bench.device->sysname(), "right") << word;
  }
}

// A wrong password ends the command, so that no further line is taken for one.
TEST(FollowingLines, BehindAWrongPasswordAreCommands) {
  TestBench bench;
  bench.RunAll({"system-view", "super password level 3 simple right-word"});
  bench.Open({.level = kVisit});
  Replay replay(*bench.session, "script", "super\nwrong-word\nsystem-view\ndisplay version\n", OnError::kContinue,
                true);
  ReplayReport report;
  replay.Start([&report](ReplayReport done) { report = std::move(done); });
  ASSERT_EQ(report.lines.size(), 3U);
  EXPECT_EQ(report.lines[0].outcome, Outcome::kRefused);
  EXPECT_EQ(report.lines[0].reason, "Wrong password");
  EXPECT_THAT(ReportText(report, ReportFormat::kText), Not(HasSubstr("wrong-word")));
}

}  // namespace
}  // namespace sw::cli
