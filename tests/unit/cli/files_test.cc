// Configuration files as people have them (tests/files; the first line of each says what is right), through every door
// that takes lines: a check, a script, a pipe, a command given to ssh (which reads as a pipe does), the socket of
// `--connect`, a terminal, a start and a rollback.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/configuration/startup.h"
#include "cli/configuration/text.h"
#include "cli/remote/console_server.h"
#include "cli/remote/remote_console.h"
#include "cli/replay/replay.h"
#include "cli/replay/report.h"
#include "cli/session/key_terminal.h"
#include "cli/session/line_reader.h"
#include "cli/shell/line_feeder.h"
#include "device/file/flash.h"
#include "test_paths.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/sealed_text.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Running(TestBench& bench) {
  return *ConfigurationText(bench.grammar, bench.device->store());
}

ReplayReport Apply(TestBench& bench, std::string_view script) {
  ReplayReport report;
  Replay replay(*bench.session, "script", script, OnError::kContinue);
  replay.Start([&report](ReplayReport done) { report = std::move(done); });
  bench.session->Listen(&bench.screen);
  return report;
}

std::string AfterReplay(std::string_view script) {
  TestBench bench;
  (void)Apply(bench, script);
  return Running(bench);
}

// Pieces of a few bytes, as a pipe may give them.
std::string AfterPipe(std::string_view script) {
  TestBench bench;
  bench.RunAll({"system-view"});
  device::EventLoop loop;
  int pipe[2];
  EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  bool ended = false;
  LineFeeder feeder(
      *bench.session, loop, [](std::string_view) {}, [&ended] { ended = true; });
  feeder.Read(pipe[0]);
  for (; !script.empty(); script.remove_prefix(std::min<std::size_t>(7, script.size()))) {
    EXPECT_GT(::write(pipe[1], script.data(), std::min<std::size_t>(7, script.size())), 0);
    loop.RunFor(Duration::zero());
  }
  ::close(pipe[1]);
  EXPECT_TRUE(loop.RunUntil([&ended] { return ended; }, std::chrono::seconds(10)));
  ::close(pipe[0]);
  return Running(bench);
}

std::string AfterStart(std::string_view script) {
  TestBench bench;
  EXPECT_TRUE((*bench.device->flash())->Write({"startup.cfg"}, std::string(script)).ok());
  (void)bench.Run("reboot");
  return Running(bench);
}

// Through the socket of `--connect`, line by line.
std::string AfterConnection(std::string_view script) {
  TestBench bench;
  device::EventLoop loop;
  const std::string path = testing::TempDir() + "files_test." + std::to_string(::getpid()) + ".sock";
  auto server = std::move(*ConsoleServer::Listen(loop, path, [&bench](const std::string&, const HelloMessage&) {
    return std::make_unique<Session>(*bench.device, bench.grammar, SessionOptions());
  }));
  auto console = std::move(*RemoteConsole::Connect(loop, path, {"script", false}));
  bool done = false;
  Replay replay(*console, "script", script, OnError::kContinue);
  replay.Start([&done](const ReplayReport&) { done = true; });
  EXPECT_TRUE(loop.RunUntil([&done] { return done; }, std::chrono::seconds(10)));
  return Running(bench);
}

// What is there after all of it was taken away, and brought back from a checkpoint.
std::string AfterRollback(std::string_view script) {
  TestBench bench;
  bench.RunAll({"configuration checkpoint empty"});
  (void)Apply(bench, script);
  bench.RunAll({"return", "configuration checkpoint whole", "configuration rollback empty"});
  EXPECT_THAT(Running(bench), Not(HasSubstr("LoopBack")));
  bench.RunAll({"configuration rollback whole"});
  return Running(bench);
}

// Typed, or pasted, at a terminal: SSH sessions and the local console alike.
std::string AfterKeys(std::string_view script) {
  TestBench bench({.interactive = true});
  KeyTerminal terminal(
      *bench.session, bench.scheduler, [](std::string_view) {}, [] {});
  terminal.Start();
  terminal.Keys("system-view\r");
  std::string keys(script);
  std::ranges::replace(keys, '\n', '\r');
  std::ranges::replace(keys, '\t', ' ');  // a key of its own there
  terminal.Keys(keys + "\r");
  bench.scheduler.RunFor(std::chrono::seconds(1));
  return Running(bench);
}

std::string FileText(const std::string& name) {
  const Result<std::string> text = ReadTextFile(std::string(SW_SOURCE_DIR) + "/tests/files/" + name + ".cfg");
  EXPECT_TRUE(text.ok()) << text.status().why();
  return text.ok() ? *text : std::string();
}

struct Case {
  std::string file;
  std::size_t refused, skipped;
  std::vector<std::string> has, has_not;  // in what is then configured
  bool at_a_terminal = true;              // the same there: nothing hangs on lines without blanks in front
};

class FilesTest : public testing::TestWithParam<Case> {};

TEST_P(FilesTest, AreTakenTheSameWayByEveryDoor) {
  const Case& expected = GetParam();
  const std::string text = FileText(expected.file);
  TestBench bench;
  const ReplayReport report = Apply(bench, text);
  const std::string shown = ReportText(report, ReportFormat::kText);
  EXPECT_EQ(report.refused, expected.refused) << shown;
  EXPECT_EQ(report.skipped, expected.skipped) << shown;
  const std::string running = Running(bench), open = WithoutSealedText(running);
  for (const std::string& part : expected.has) EXPECT_THAT(open, HasSubstr(part));
  for (const std::string& part : expected.has_not) EXPECT_THAT(open, Not(HasSubstr(part)));

  EXPECT_EQ(WithoutSealedText(AfterPipe(text)), open);
  EXPECT_EQ(WithoutSealedText(AfterStart(text)), open);
  EXPECT_EQ(WithoutSealedText(AfterConnection(text)), open);
  EXPECT_EQ(WithoutSealedText(AfterRollback(text)), open);
  if (expected.at_a_terminal) {
    EXPECT_EQ(WithoutSealedText(AfterKeys(text)), open);
  }
  EXPECT_EQ(AfterKeys(running), running);
  EXPECT_EQ(AfterReplay(running), running) << "what is printed is what comes back";
  EXPECT_EQ(AfterStart(running), running);
  const Result<ReplayReport> checked = CheckScript(bench.grammar, {}, "script", text);
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->lines.size(), report.lines.size());
  for (std::size_t i = 0; i < std::min(checked->lines.size(), report.lines.size()); ++i) {
    EXPECT_EQ(checked->lines[i].reason, report.lines[i].reason);
    EXPECT_EQ(checked->lines[i].column, report.lines[i].column);
  }
}

const Case kCases[] = {
    {"banner_over_lines",
     0,
     0,
     {" header login %\nWelcome\nundo info-center enable\nlocal-user nobody\n%\n", " sysname A\n"},
     {"\nlocal-user nobody\n#", " undo info-center"}},
    {"refused_interface",
     1,
     2,
     {"interface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n#"},
     {"10.0.0.2", "shutdown"}},
    {"refused_user", 1, 2, {"local-user admin\n password cipher $sw2$...\n level 3\n"}, {"guest"}},
    {"refused_acl", 1, 1, {" rule 0 permit ip source 10.0.0.0 0.0.0.255\n"}, {"deny", "3001"}},
    {"refused_vlan_with_quit", 1, 2, {" sysname B\n", " ip address 10.0.0.1 255.255.255.0\n"}, {"description"}, false},
    {"tabs", 0, 0, {"acl number 3000\n rule 0 permit ip\n"}, {}},
    {"cr_alone", 0, 0, {" sysname A\n", "acl number 3000\n"}, {}},
    {"latin1", 0, 0, {" description caf\xe9\n"}, {}},
    {"long_line", 1, 0, {"acl number 3001\n#"}, {"rule"}},
    {"route_over_interface_alone", 1, 0, {}, {"route-static"}},
    {"route_over_interface",
     0,
     0,
     {" ip route-static 10.0.0.0 255.0.0.0 GigabitEthernet0/0 10.9.9.9 preference 60\n"},
     {}},
    {"foreign_secrets", 1, 0, {"hwtacacs scheme t\n", " snmp-agent community read s3cret\n"}, {"ntpkey"}},
    {"snmp_basics",
     0,
     0,
     {" snmp-agent\n", " snmp-agent community read public\n", " snmp-agent sys-info version v2c\n",
      " snmp-agent local-engineid 800007DB000FE2000001\n"},
     {}},
    {"dhcp_address", 0, 0, {"interface GigabitEthernet0/0\n ip address dhcp-alloc\n"}, {}},
    {"nat_l2tp_vrrp",
     0,
     0,
     {" nat address-group 1 192.0.2.10 192.0.2.20\n", " l2tp enable\n",
      " ip address 10.0.0.1 255.255.255.0\n nat outbound 2000\n vrrp vrid 1 virtual-ip 10.0.0.254\n"},
     {}},
    {"acl_remarks", 0, 0, {"acl number 3000\n description vpn\n rule 0 permit ip\n rule 0 comment first\n"}, {}},
};

INSTANTIATE_TEST_SUITE_P(Files, FilesTest, testing::ValuesIn(kCases), [](const auto& each) { return each.param.file; });

TEST(Files, SecretsOfRefusedLinesAreNotInTheReport) {
  TestBench bench;
  const ReplayReport report = Apply(bench, FileText("foreign_secrets"));
  for (const ReportFormat format : {ReportFormat::kText, ReportFormat::kJson, ReportFormat::kJunit}) {
    const std::string text = ReportText(report, format);
    for (const char* secret : {"s3cret", "tackey", "ntpkey"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
}

// Any configuration with a block of lines in its middle that nobody here understands is the configuration without it.
TEST(Files, ABlockThatIsRefusedIsAsIfItWereNotThere) {
  constexpr std::string_view kBefore =
      "local-user admin\n password simple goodpw\n level 3\nacl number 3000\n rule 0 permit ip\n"
      "interface GigabitEthernet0/0\n ip address 10.0.0.1 24\n";
  constexpr std::string_view kAfter = "sysname A\ninterface LoopBack1\n ip address 10.1.1.1 32\n#\nreturn\n";
  const std::string_view blocks[] = {
      "interface Ethernet0/1\n ip address 10.0.0.2 24\n shutdown\n",
      "interface Ethernet0/1\nip address 10.0.0.2 24\nshutdown\nquit\n",
      "vlan 5\n description x\nquit\n",
      "vlan 5\ndescription x\nquit\n",
      "foo bar\n\tdescription x\n\tshutdown\n",
      "local-user guest class manage\npassword simple guestpw\nlevel 0\nquit\n",
      "acl number 3001 name guests\n rule 0 deny ip\n",
      "acl number 99999\n rule 0 deny ip\n",
      "ike peer\n pre-shared-key simple abc\n remote-address 10.0.0.9\n",
      "header motd %\nundo local-user admin\nsysname B\n%\n",
      "header login %\nsysname \x07\n%\n",
      "send all\nsysname B\nundo local-user admin\n.\n",
      "send vty 3\n\nsysname B\n # \nlocal-user x\n.\n",
      "send everybody\nreturn\nsystem-view\nundo acl all\n.\n",
      "bgp 65000\n peer 10.0.0.2 as-number 65001\n ipv4-family vpnv4\n  peer 10.0.0.2 enable\n",
      "traffic classifier c\n if-match acl 3000\n",
  };
  const std::string without = WithoutSealedText(AfterReplay(std::string(kBefore) + std::string(kAfter)));
  for (const std::string_view block : blocks) {
    const std::string script = std::string(kBefore) + std::string(block) + std::string(kAfter);
    EXPECT_EQ(WithoutSealedText(AfterReplay(script)), without) << block;
    EXPECT_EQ(WithoutSealedText(AfterPipe(script)), without) << block;
    EXPECT_EQ(WithoutSealedText(AfterStart(script)), without) << block;
    EXPECT_EQ(WithoutSealedText(AfterConnection(script)), without) << block;
  }
}

TEST(Files, ALineOfTheViewItselfLeadsNowhere) {
  // Not a head of system view mistyped, but a command of the interface that is refused for what it means.
  const std::string running =
      AfterReplay("interface GigabitEthernet0/0\nipsec policy nosuch\nip address 10.0.0.1 24\nquit\nsysname A\n");
  EXPECT_THAT(running, HasSubstr(" ip address 10.0.0.1 255.255.255.0\n"));
  EXPECT_THAT(running, HasSubstr(" sysname A\n"));
}

TEST(Files, ATextThatIsNotClosedIsNamed) {
  TestBench bench;
  const ReplayReport report = Apply(bench, "sysname A\nheader login %\nsysname B\n");
  EXPECT_EQ(report.refused, 1U);
  EXPECT_EQ(report.lines.back().number, 2);
  EXPECT_EQ(report.lines.back().reason, "The text is not closed: no % follows");
  EXPECT_EQ(bench.device->sysname(), "A");
  EXPECT_THAT(Running(bench), Not(HasSubstr("header")));
}

TEST(Files, ALineEndsHoweverItEnds) {
  std::vector<std::string> lines;
  LineReader reader;
  for (const char each : std::string_view("\xef\xbb\xbf"
                                          "a\r\nb\rc\n\n\r\nd"))
    reader.Feed({&each, 1}, lines);
  reader.Finish(lines);
  EXPECT_THAT(lines, testing::ElementsAre("a", "b", "c", "", "", "d"));
  EXPECT_THAT(LinesOf("\xef\xbb\xbf"
                      "a\r\nb\rc\n\n\r\nd"),
              testing::ElementsAre("a", "b", "c", "", "", "d"));
  lines.clear();
  LineReader half;
  half.Feed("\xef\xbb", lines);
  half.Finish(lines);
  EXPECT_EQ(lines.size(), 1U);
  LineReader cut;
  cut.Feed("rule permit" + std::string(9000, ' ') + "source 10.0.0.9 0\n", lines);
  EXPECT_NE(lines.back().back(), ' ') << "blanks alone would be cut off, and the rest run";
  lines.pop_back();
  EXPECT_THAT(lines, testing::ElementsAre("\xef\xbb"));
}

TEST(Files, AControlByteIsNamed) {
  TestBench bench;
  const ReplayReport report = Apply(bench, "sysname A\x1b[2J\n");
  EXPECT_EQ(report.lines.front().reason, "The control byte 0x1b (ESC) is not accepted");
  EXPECT_EQ(report.lines.front().column, 9);
  EXPECT_THAT(ReportText(report, ReportFormat::kText), HasSubstr("  sysname A\\x1b[2J\n           ^\n"));
}

TEST(Files, WhatIsNoTextFileIsNotRead) {
  const std::string folder = testing::TempDir() + "files_test." + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  const std::string fifo = folder + "/fifo", binary = folder + "/binary";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::ofstream(binary, std::ios::binary) << "a\nb" << '\0';
  EXPECT_THAT(ReadTextFile(folder).status().why(), HasSubstr("is a directory"));
  EXPECT_THAT(ReadTextFile(fifo).status().why(), HasSubstr("is no regular file"));
  EXPECT_THAT(ReadTextFile(binary).status().why(), HasSubstr("is no text: line 2 has a byte 0x00 (NUL)"));
  EXPECT_THAT(ReadTextFile(folder + "/none").status().why(), HasSubstr("No such file"));
  std::filesystem::remove_all(folder);
}

// A person who pastes indented text is safe as well; one who types is not held up.
TEST(Files, AtATerminalOnlyWhatIsIndentedBelongsToARefusedLine) {
  TestBench bench({.interactive = true});
  bench.RunAll({"system-view", "interface LoopBack 1"});
  EXPECT_EQ(bench.OutcomeOf("interface Ethernet0/1"), Outcome::kRefused);
  EXPECT_EQ(bench.Run(" description x"), " % Skipped: it belongs to the refused \"interface Ethernet0/1\"\n");
  EXPECT_EQ(bench.OutcomeOf("description y"), Outcome::kChanged);
}

}  // namespace
}  // namespace sw::cli
