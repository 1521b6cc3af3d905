// Commands that take the lines below them: a text, a message, a password. They are found by running every command, so
// that a new one fails here until it is known what becomes of its lines when it is refused. None of them is ever run as
// a command of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/configuration/text.h"
#include "cli/grammar/line.h"
#include "cli/replay/replay.h"
#include "tests/unit/cli/bench_device.h"
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

}  // namespace
}  // namespace sw::cli
