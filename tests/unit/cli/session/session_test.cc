#include "cli/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/text.h"
#include "device/config/cipher_text.h"
#include "device/log/monitor.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Session, SaysWhetherALineChangedAnything) {
  TestBench bench;
  EXPECT_EQ(bench.OutcomeOf("system-view"), Outcome::kAccepted);
  EXPECT_EQ(bench.OutcomeOf("dvpn service enable"), Outcome::kChanged);
  EXPECT_EQ(bench.OutcomeOf("dvpn service enable"), Outcome::kUnchanged);
  EXPECT_EQ(bench.OutcomeOf("undo dvpn service"), Outcome::kChanged);
  EXPECT_EQ(bench.OutcomeOf("undo dvpn service"), Outcome::kUnchanged);
  EXPECT_EQ(bench.OutcomeOf("dvpn client register-interval 10"), Outcome::kUnchanged) << "the default is not stored";
  EXPECT_EQ(bench.OutcomeOf("dvpn client register-interval 99"), Outcome::kRefused);
  EXPECT_EQ(bench.screen.ready.column, 30);
  EXPECT_EQ(bench.screen.ready.reason, "Wrong parameter found at '^' position.");
}

TEST(Session, RefusesLinesThatAreNoLines) {
  TestBench bench;
  EXPECT_EQ(bench.OutcomeOf(std::string(255, ' ') + "display\tclock"), Outcome::kAccepted) << "blanks do not count";
  EXPECT_EQ(bench.OutcomeOf("ping " + std::string(250, '1')), Outcome::kRefused);
  EXPECT_EQ(bench.OutcomeOf(std::string("quit\0", 5)), Outcome::kRefused);
  EXPECT_EQ(bench.OutcomeOf(""), Outcome::kAccepted);
  EXPECT_EQ(bench.OutcomeOf("   "), Outcome::kAccepted);
  EXPECT_EQ(bench.OutcomeOf("#"), Outcome::kAccepted);
  EXPECT_EQ(bench.prompt(), "<SecBlade_VPN>");
}

TEST(Session, EndsWithQuitInUserView) {
  TestBench bench;
  (void)bench.Run("quit");
  EXPECT_TRUE(bench.screen.ready.closed);
  const int answers = bench.screen.answers;
  (void)bench.Run("display clock");
  EXPECT_EQ(bench.screen.answers, answers);
}

// What the cipher text behind `head` stands for.
std::string Opened(const std::string& shown, const std::string& head) {
  const std::size_t at = shown.find(head);
  if (at == std::string::npos) return "(not shown)";
  const std::size_t begin = at + head.size();
  const std::optional<SecretBytes> plain = device::Reveal(shown.substr(begin, shown.find('\n', begin) - begin));
  return plain ? std::string(plain->view().begin(), plain->view().end()) : "(closed)";
}

TEST(Session, ConcealsKeysUnlessTypedWithSimple) {
  TestBench bench;
  bench.RunAll({"system-view", "dvpn class c", "pre-shared-key plainkey"});
  const std::string shown = bench.Run("display this");
  EXPECT_THAT(shown, Not(HasSubstr("plainkey")));
  EXPECT_EQ(Opened(shown, " pre-shared-key cipher "), "plainkey");
  (void)bench.Run("pre-shared-key cipher plainkey");
  EXPECT_EQ(bench.Run("display this"), shown) << "the same again changes nothing";
  (void)bench.Run("pre-shared-key simple plainkey");
  EXPECT_THAT(bench.Run("display this"), HasSubstr(" pre-shared-key simple plainkey\n"));
}

TEST(Session, KeepsCipherTextItCannotOpen) {
  TestBench bench;
  const std::string foreign = "_(TT8F]Y\\5SQ=^Q`MAF4<1!!";
  bench.RunAll({"system-view", "local-user u", "password cipher " + foreign});
  EXPECT_THAT(bench.Run("display this"), HasSubstr(" password cipher " + foreign + "\n"));
  (void)bench.Run("password cipher short");
  EXPECT_EQ(Opened(bench.Run("display this"), " password cipher "), "short");
}

TEST(Session, KeepsPasswordsOfPeopleAsHashes) {
  TestBench bench;
  bench.RunAll({"system-view", "local-user ann", "service-type ssh level 3", "password simple opensesame", "quit",
                "super password simple up", "user-interface vty 0 4", "set authentication password cipher line"});
  const std::string shown = bench.Run("display current-configuration");
  for (const char* head : {" password hash $y$", " super password level 3 hash $y$", " set authentication password hash $y$"})
    EXPECT_THAT(shown, HasSubstr(head));
  for (const char* plain : {"opensesame", " up", "line\n"}) EXPECT_THAT(shown, Not(HasSubstr(plain)));
  bench.RunAll({"local-user ann", "password simple opensesame", "quit", "super password simple up"});
  EXPECT_EQ(bench.Run("display current-configuration"), shown) << "the same again changes nothing";
  bench.RunAll({"local-user ann", "password simple another"});
  EXPECT_NE(bench.Run("display current-configuration"), shown);
}

TEST(Session, JournalsLinesWithoutTheirSecrets) {
  TestBench bench;
  bench.RunAll({"system-view", "dvpn class c", "  local-user bob password simple opensesame",
                "dvpn server pre-shared-key k1", "sysname X"});
  const std::string journal = bench.Run("display configuration journal");
  EXPECT_THAT(journal, HasSubstr("console con0: local-user bob password simple ***\n"));
  EXPECT_THAT(journal, HasSubstr("console con0: dvpn server pre-shared-key ***\n"));
  EXPECT_THAT(journal, HasSubstr("update system 1 sysname: '' -> 'X'\n"));
  EXPECT_THAT(journal, Not(HasSubstr("opensesame")));
  EXPECT_THAT(journal, Not(HasSubstr("k1")));
  EXPECT_THAT(journal, Not(HasSubstr("$sw2$")));
}

TEST(Session, SetsTheGlobalRowFromWithinASubView) {
  TestBench bench;
  bench.RunAll({"system-view", "dvpn policy p", "dvpn server map age-time 77"});
  EXPECT_EQ(bench.prompt(), "[SecBlade_VPN-dvpn-policy-p]");
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr(" dvpn server map age-time 77\n"));
}

TEST(Session, ReplacesThePrimaryAddressAndGuardsTheSubAddresses) {
  TestBench bench;
  bench.RunAll({"system-view", "interface g0/0"});
  EXPECT_EQ(bench.OutcomeOf("ip address 10.0.0.1 24 sub"), Outcome::kRefused);
  EXPECT_EQ(bench.OutcomeOf("ip address 10.0.0.1 24"), Outcome::kChanged);
  EXPECT_EQ(bench.OutcomeOf("ip address 10.0.0.1 255.255.255.0"), Outcome::kUnchanged);
  EXPECT_EQ(bench.OutcomeOf("ip address 10.0.1.1 24 sub"), Outcome::kChanged);
  EXPECT_EQ(bench.OutcomeOf("undo ip address 10.0.0.1 24"), Outcome::kRefused);
  EXPECT_EQ(bench.OutcomeOf("ip address 10.0.2.1 24"), Outcome::kChanged);
  EXPECT_EQ(bench.Run("display this"),
            "#\ninterface GigabitEthernet0/0\n ip address 10.0.2.1 255.255.255.0\n ip address 10.0.1.1 255.255.255.0 "
            "sub\n#\nreturn\n");
  for (const char* bad : {"ip address 10.0.0.0 24", "ip address 10.0.0.255 24", "ip address 224.0.0.1 24",
                          "ip address 0.0.0.1 8", "ip address 127.0.0.1 8", "ip address 10.0.0.1 0"}) {
    EXPECT_EQ(bench.OutcomeOf(bad), Outcome::kRefused) << bad;
  }
  EXPECT_EQ(bench.OutcomeOf("undo ip address"), Outcome::kChanged);
  EXPECT_EQ(bench.OutcomeOf("undo ip address 10.0.1.1 24 sub"), Outcome::kRefused);
}

TEST(Session, SaysWhyTheDeviceRefuses) {
  TestBench bench;
  bench.RunAll({"system-view", "dvpn class c", "interface tunnel 0", "dvpn server c", "quit"});
  EXPECT_EQ(bench.OutcomeOf("undo dvpn class c"), Outcome::kRefused);
  EXPECT_TRUE(bench.screen.text.starts_with(" % ")) << bench.screen.text;
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr("dvpn class c\n"));
}

TEST(Session, CancelsWhatRuns) {
  TestBench bench;
  const int answers = bench.screen.answers;
  (void)bench.Run("ping -c 1000 10.99.99.99");
  bench.scheduler.RunFor(std::chrono::seconds(3));
  EXPECT_EQ(bench.screen.answers, answers) << "still running";
  bench.session->Execute("display clock");
  EXPECT_EQ(bench.screen.answers, answers) << "one line at a time";
  bench.session->Send(Control::kCancel);
  EXPECT_EQ(bench.screen.answers, answers + 1);
  EXPECT_THAT(bench.screen.text, HasSubstr("packet loss"));
  EXPECT_EQ(bench.OutcomeOf("display clock"), Outcome::kAccepted);
}

TEST(Session, LetsAPingEndByItself) {
  TestBench bench;
  const int answers = bench.screen.answers;
  (void)bench.Run("ping -q -c 2 10.99.99.99");
  bench.scheduler.RunFor(std::chrono::minutes(1));
  EXPECT_EQ(bench.screen.answers, answers + 1);
  EXPECT_THAT(bench.screen.text, HasSubstr("    0 packet(s) received\n    100.00% packet loss\n"));
}

TEST(Session, MayEndWhileACommandRuns) {
  TestBench bench;
  (void)bench.Run("ping -c 1000 10.99.99.99");
  bench.session.reset();
  bench.scheduler.RunFor(std::chrono::minutes(1));
  EXPECT_THAT(bench.screen.text, Not(HasSubstr("statistics")));
}

TEST(Session, ShowsLogAndDebuggingLinesToThoseWhoAskedOnly) {
  TestBench bench;
  device::Monitor& monitor = bench.device->monitor();
  monitor.Debug("DVPN", "REGISTER", "one");
  monitor.Log(device::Severity::kWarnings, "DVPN", "MAP", "two");
  EXPECT_EQ(bench.screen.notices, "");
  bench.RunAll({"terminal monitor", "terminal debugging"});
  monitor.Debug("DVPN", "REGISTER", "three");
  monitor.Log(device::Severity::kWarnings, "DVPN", "MAP", "four");
  EXPECT_THAT(bench.screen.notices, HasSubstr("three\n"));
  EXPECT_THAT(bench.screen.notices, HasSubstr("four\n"));
  (void)bench.Run("undo terminal debugging");
  monitor.Debug("DVPN", "REGISTER", "five");
  EXPECT_THAT(bench.screen.notices, Not(HasSubstr("five")));
}

TEST(Session, DropsAQuestionOnCancel) {
  TestBench bench({.interactive = true});
  (void)bench.Run("save");
  EXPECT_TRUE(bench.screen.ready.question);
  bench.session->Send(Control::kCancel);
  EXPECT_FALSE(bench.screen.ready.question);
  EXPECT_EQ(*bench.device->store().Startup(), std::nullopt);
}

TEST(Session, CommitsABatchAsAWholeOrNotAtAll) {
  TestBench bench({.start = View::kSystem});
  bench.session->Send(Control::kBegin);
  bench.RunAll({"dvpn class c", "public-ip 192.0.2.1"});
  bench.session->Send(Control::kRollback);
  EXPECT_THAT(bench.Run("display current-configuration"), Not(HasSubstr("dvpn class")));
  EXPECT_EQ(bench.prompt(), "[SecBlade_VPN]");

  bench.session->Send(Control::kBegin);
  bench.RunAll({"dvpn class c", "public-ip 192.0.2.1", "nonsense"});
  bench.session->Send(Control::kCommit);
  EXPECT_EQ(bench.screen.ready.outcome, Outcome::kRefused);
  EXPECT_THAT(bench.Run("display current-configuration"), Not(HasSubstr("dvpn class")));

  (void)bench.Run("#");
  bench.session->Send(Control::kBegin);
  bench.RunAll({"dvpn class c", "public-ip 192.0.2.1"});
  bench.session->Send(Control::kCommit);
  EXPECT_EQ(bench.screen.ready.outcome, Outcome::kChanged);
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr("dvpn class c\n public-ip 192.0.2.1\n"));
  bench.session->Send(Control::kCommit);
  EXPECT_EQ(bench.screen.ready.outcome, Outcome::kRefused) << "no change is open";
}

TEST(Session, KeepsASecondSessionOutOfAnOpenBatch) {
  TestBench bench({.start = View::kSystem});
  Session other(*bench.device, bench.grammar, {.start = View::kSystem});
  Screen screen;
  other.Listen(&screen);
  other.Send(Control::kBegin);
  EXPECT_EQ(bench.OutcomeOf("dvpn class c"), Outcome::kRefused);
  other.Send(Control::kRollback);
  EXPECT_EQ(bench.OutcomeOf("dvpn class c"), Outcome::kChanged);
}

}  // namespace
}  // namespace sw::cli
