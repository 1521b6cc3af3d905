// Saving, starting anew, and the files in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/startup.h"
#include "cli/configuration/text.h"
#include "device/file/flash.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Running(TestBench& bench) {
  return *ConfigurationText(bench.grammar, bench.device->store());
}

TEST(Startup, RebootGoesBackToWhatWasSavedByteForByte) {
  TestBench bench;
  bench.RunAll({"system-view", "sysname kept", "interface LoopBack 1", "ip address 10.1.1.1 32", "return",
                "clock timezone CET add 01:00:00", "save force"});
  const std::string saved = Running(bench);
  bench.RunAll({"system-view", "sysname lost", "interface LoopBack 2", "undo interface LoopBack 1", "return"});
  EXPECT_NE(Running(bench), saved);
  (void)bench.Run("reboot");
  EXPECT_TRUE(bench.screen.ready.closed);
  EXPECT_EQ(Running(bench), saved);
  bench.Open({});
  EXPECT_EQ(bench.Run("display saved-configuration"), saved);
  EXPECT_EQ(bench.device->uptime(), Duration{0});
}

TEST(Startup, WithoutAFileTheFactoryDefaultsCome) {
  TestBench bench;
  const std::string factory = Running(bench);
  bench.RunAll({"system-view", "sysname x", "return", "save force", "reset saved-configuration", "reboot"});
  EXPECT_EQ(Running(bench), factory);
  EXPECT_EQ(*bench.device->store().Startup(), std::nullopt);
}

TEST(Startup, TheBackupServesWhenTheMainFileIsGone) {
  TestBench bench;
  bench.RunAll({"system-view", "sysname spare", "return", "save b.cfg backup", "system-view", "sysname x", "return",
                "save force", "delete startup.cfg", "reboot"});
  bench.Open({});
  EXPECT_THAT(bench.Run("display saved-configuration"), HasSubstr(" sysname spare\n"));
  EXPECT_EQ(bench.prompt(), "<spare>");
  EXPECT_THAT(bench.Run("display startup"), HasSubstr("flash:/b.cfg"));
}

TEST(Startup, ADeviceWhoseDatabaseIsOfNoUseStartsFromWhatWasSaved) {
  TestBench bench;
  bench.RunAll({"system-view", "sysname kept", "return", "save force", "system-view", "sysname lost", "return"});
  bench.session.reset();
  const Result<std::string> started = StartFromSaved(*bench.device, bench.grammar);
  ASSERT_TRUE(started.ok()) << started.status().why();
  EXPECT_EQ(*started, "flash:/startup.cfg");
  EXPECT_EQ(bench.device->sysname(), "kept");
}

TEST(Startup, WithoutAFileSuchADeviceStaysAsItIs) {
  TestBench bench;
  bench.RunAll({"system-view", "sysname here"});
  bench.session.reset();
  const Result<std::string> started = StartFromSaved(*bench.device, bench.grammar);
  ASSERT_TRUE(started.ok());
  EXPECT_EQ(*started, "");
  EXPECT_EQ(bench.device->sysname(), "here");
}

TEST(Startup, ABadLineIsNamedAndTheRestHolds) {
  TestBench bench;
  bench.RunAll({"system-view", "sysname x", "info-center logbuffer size 20", "return", "save force"});
  device::Flash& flash = **bench.device->flash();
  ASSERT_TRUE(flash.Write({"startup.cfg"}, "#\n nonsense\n#\n sysname y\n#\nreturn\n").ok());
  (void)bench.Run("reboot");
  bench.Open({});
  EXPECT_EQ(bench.prompt(), "<y>");
  EXPECT_THAT(bench.Run("display logbuffer"), HasSubstr("CFM/4/STARTUP:flash:/startup.cfg, line 2: Unrecognized"));
}

TEST(Startup, SaysWhatTheNextStartTakes) {
  TestBench bench;
  EXPECT_THAT(bench.Run("startup saved-configuration no.cfg"), HasSubstr("does not exist"));
  bench.RunAll({"save a.cfg", "startup saved-configuration a.cfg"});
  EXPECT_THAT(bench.Run("display startup"), HasSubstr("main startup saved-configuration file:    flash:/a.cfg\n"));
  (void)bench.Run("undo startup saved-configuration");
  EXPECT_THAT(bench.Run("display startup"), HasSubstr("main startup saved-configuration file:    NULL\n"));
}

TEST(Files, NothingOutsideCanBeNamed) {
  TestBench bench;
  for (const char* line : {"more ../../etc/passwd", "more /../x", "copy startup.cfg ../x", "cd ..", "mkdir .hidden",
                           "more flash:/../../etc/passwd", "save ../x.cfg"}) {
    EXPECT_EQ(bench.OutcomeOf(line), Outcome::kRefused) << line;
  }
}

TEST(Files, AFileThatRunsItselfEnds) {
  TestBench bench;
  device::Flash& flash = **bench.device->flash();
  ASSERT_TRUE(flash.Write({"loop.bat"}, "execute loop.bat\n").ok());
  EXPECT_THAT(bench.Run("execute loop.bat"), HasSubstr("Too many files"));
  ASSERT_TRUE(flash.Write({"name.bat"}, "system-view\nsysname from-file\nnonsense\n").ok());
  EXPECT_THAT(bench.Run("execute name.bat"), HasSubstr("Unrecognized"));
  EXPECT_EQ(bench.prompt(), "<from-file>");
}

TEST(Files, MoreShowsTextWhateverTheFileHolds) {
  TestBench bench;
  device::Flash& flash = **bench.device->flash();
  ASSERT_TRUE(flash.Write({"x"}, std::string("a\x1b[2J\0b", 7)).ok());
  EXPECT_EQ(bench.Run("more x"), "a.[2J.b\n");
}

TEST(Files, QuietAsksNothing) {
  TestBench bench({.interactive = true});
  device::Flash& flash = **bench.device->flash();
  ASSERT_TRUE(flash.Write({"x"}, "text").ok());
  (void)bench.Run("delete x");
  EXPECT_TRUE(bench.screen.ready.question);
  (void)bench.Run("n");
  EXPECT_THAT(bench.Run("dir"), HasSubstr(" x\n"));
  bench.RunAll({"system-view", "file prompt quiet", "return", "delete x"});
  EXPECT_FALSE(bench.screen.ready.question);
  EXPECT_THAT(bench.Run("dir"), Not(HasSubstr(" x\n")));
  EXPECT_THAT(bench.Run("dir /all"), HasSubstr("[x]"));
}

}  // namespace
}  // namespace sw::cli
