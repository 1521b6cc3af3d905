// Checkpoints, differences, rollback, confirmed commit and blame, as an operator meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "cli/configuration/diff.h"
#include "cli/configuration/text.h"
#include "device/config/config.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string Printed(TestBench& bench) {
  return *ConfigurationText(bench.grammar, bench.device->store());
}

constexpr const char* kSetUp[] = {"system-view",
                                  "local-user u",
                                  "password simple secret",
                                  "interface tunnel 3",
                                  "ip address 10.0.0.1 24",
                                  "ip address 10.1.0.1 24 sub",
                                  "ip address 10.2.0.1 24 sub",
                                  "#",
                                  "ip route-static 10.9.0.0 16 10.0.0.9"};
constexpr const char* kChanges[] = {"sysname other",
                                    "undo local-user u",
                                    "undo interface tunnel 3",
                                    "interface tunnel 4",
                                    "ip address 10.0.0.1 24",
                                    "#",
                                    "undo ip route-static 10.9.0.0 16",
                                    "dvpn class c"};

TEST(Journal, RollsBackToACheckpointByteByByte) {
  TestBench bench;
  for (const char* line : kSetUp) ASSERT_NE(bench.OutcomeOf(line), Outcome::kRefused) << bench.screen.text;
  const std::string before = Printed(bench);
  ASSERT_NE(bench.OutcomeOf("configuration checkpoint good"), Outcome::kRefused) << bench.screen.text;
  EXPECT_THAT(bench.Run("display configuration diff good"), HasSubstr("No difference"));
  for (const char* line : kChanges) ASSERT_EQ(bench.OutcomeOf(line) == Outcome::kRefused, false) << bench.screen.text;
  const std::string diff = bench.Run("display configuration diff good");
  EXPECT_THAT(diff, HasSubstr("+ sysname other\n"));
  EXPECT_THAT(diff, HasSubstr("-interface Tunnel3\n- ip address 10.0.0.1 255.255.255.0\n"));
  EXPECT_THAT(diff, HasSubstr("+dvpn class c\n"));
  EXPECT_EQ(bench.OutcomeOf("configuration rollback good"), Outcome::kChanged) << bench.screen.text;
  EXPECT_EQ(Printed(bench), before);
  EXPECT_EQ(bench.device->config().FindInterface("Tunnel4"), nullptr) << "the engines follow";
  EXPECT_EQ(bench.device->config().routes.size(), 1U);
  EXPECT_EQ(bench.OutcomeOf("configuration rollback good"), Outcome::kUnchanged);
  EXPECT_EQ(bench.OutcomeOf("undo configuration checkpoint good"), Outcome::kAccepted);
  EXPECT_EQ(bench.OutcomeOf("configuration rollback good"), Outcome::kRefused);
}

TEST(Journal, RestoresTheOrderInWhichAddressesCame) {
  TestBench bench;
  for (const char* line : kSetUp) (void)bench.Run(line);
  const std::string before = Printed(bench);
  (void)bench.Run("configuration checkpoint good");
  bench.RunAll({"interface tunnel 3", "undo ip address 10.1.0.1 24 sub"});
  ASSERT_NE(Printed(bench), before);
  (void)bench.Run("configuration rollback good");
  EXPECT_EQ(Printed(bench), before);
}

TEST(Journal, ShowsWhatChangedSinceSave) {
  TestBench bench;
  bench.RunAll({"system-view", "save force", "dvpn class c"});
  EXPECT_EQ(bench.Run("display configuration diff saved-configuration"), "+dvpn class c\n");
}

TEST(Journal, TakesBackWhatNobodyConfirms) {
  TestBench bench;
  bench.RunAll({"system-view", "configuration commit confirmed 5", "sysname wrong"});
  EXPECT_EQ(bench.prompt(), "[wrong]");
  EXPECT_THAT(bench.Run("display configuration checkpoint"), HasSubstr("Not confirmed"));
  bench.scheduler.RunFor(4min + 59s);
  EXPECT_EQ(bench.device->sysname(), "wrong");
  bench.scheduler.RunFor(2s);
  EXPECT_EQ(bench.device->sysname(), "SecBlade_VPN");
  EXPECT_THAT(bench.Run("display configuration journal"), HasSubstr("system commit confirmed"));
  EXPECT_EQ(bench.OutcomeOf("configuration commit"), Outcome::kRefused) << "it is too late";
}

TEST(Journal, KeepsWhatIsConfirmed) {
  TestBench bench;
  bench.RunAll({"system-view", "configuration commit confirmed 5", "sysname right", "configuration commit"});
  bench.scheduler.RunFor(10min);
  EXPECT_EQ(bench.device->sysname(), "right");
  EXPECT_THAT(bench.Run("display configuration checkpoint"), Not(HasSubstr("~")));
}

TEST(Journal, WaitsForAnOpenChangeBeforeItGoesBack) {
  TestBench bench;
  bench.RunAll({"system-view", "configuration commit confirmed 1", "sysname wrong"});
  bench.session->Send(Control::kBegin);
  (void)bench.Run("sysname worse");
  bench.scheduler.RunFor(2min);
  EXPECT_EQ(bench.device->sysname(), "wrong");
  bench.session->Send(Control::kRollback);
  bench.scheduler.RunFor(2s);
  EXPECT_EQ(bench.device->sysname(), "SecBlade_VPN");
}

TEST(Journal, BlamesEachLine) {
  TestBench bench;
  bench.RunAll({"system-view", "dvpn policy p", "session idle-time 90"});
  bench.Open({.who = "anna", .from = "vty0", .start = View::kSystem});
  bench.RunAll({"dvpn policy p", "session setup-interval 20"});
  const std::string blame = bench.Run("display configuration blame");
  EXPECT_THAT(blame, testing::ContainsRegex("console con0 +dvpn policy p\n"));
  EXPECT_THAT(blame, testing::ContainsRegex("console con0 +session idle-time 90\n"));
  EXPECT_THAT(blame, testing::ContainsRegex("anna vty0 +session setup-interval 20\n"));
}

TEST(Diff, IsEmptyForTheSameTextAndTellsSectionsApart) {
  const std::string a = "#\n sysname a\n#\ninterface X\n shutdown\n#\ninterface Y\n#\nreturn\n";
  EXPECT_EQ(ConfigurationDiff(a, a), "");
  EXPECT_EQ(ConfigurationDiff(a, "#\n sysname a\n#\ninterface Y\n shutdown\n#\nreturn\n"),
            "-interface X\n- shutdown\n interface Y\n+ shutdown\n");
}

}  // namespace
}  // namespace sw::cli
