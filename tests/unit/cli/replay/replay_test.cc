#include "cli/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/replay/report.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kScript =
    "#\r\n"
    "dvpn class c1\r\n"
    " public-ip 192.0.2.1\n"
    "\n"
    " pre-shared-key simple hushhush\n"
    " public-ip 192.0.2\n"
    "interface LoopBack0\n"
    " ip address 10.1.1.1 32\n"
    "#\n"
    "return\n";

ReplayReport Apply(TestBench& bench, std::string_view script, OnError on_error) {
  ReplayReport report;
  Replay replay(*bench.session, "script", script, on_error);
  replay.Start([&report](ReplayReport done) { report = std::move(done); });
  bench.session->Listen(&bench.screen);
  return report;
}

TEST(Replay, SaysWhatBecameOfEachLine) {
  TestBench bench;
  const ReplayReport report = Apply(bench, kScript, OnError::kContinue);
  EXPECT_EQ(report.changed, 5U);
  EXPECT_EQ(report.refused, 1U);
  EXPECT_EQ(report.accepted, 1U);
  const LineReport& bad = report.lines[3];
  EXPECT_EQ(bad.number, 6);
  EXPECT_EQ(bad.column, 11);
  EXPECT_EQ(bad.reason, "Wrong parameter found at '^' position.");
  EXPECT_FALSE(report.stopped);
  EXPECT_THAT(bench.Run("display current-configuration"), HasSubstr("interface LoopBack0\n ip address 10.1.1.1"));
  EXPECT_EQ(Apply(bench, kScript, OnError::kContinue).unchanged, 5U);
}

TEST(Replay, StopsAtTheFirstRefusalAndKeepsWhatWentBefore) {
  TestBench bench;
  const ReplayReport report = Apply(bench, kScript, OnError::kStop);
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(report.lines.size(), 4U);
  const std::string shown = bench.Run("display current-configuration");
  EXPECT_THAT(shown, HasSubstr("dvpn class c1\n public-ip 192.0.2.1"));
  EXPECT_THAT(shown, Not(HasSubstr("LoopBack")));
}

TEST(Replay, LeavesNothingBehindOnRollback) {
  TestBench bench;
  const std::string before = bench.Run("display current-configuration");
  const ReplayReport report = Apply(bench, kScript, OnError::kRollback);
  EXPECT_TRUE(report.rolled_back);
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(bench.Run("display current-configuration"), before);
}

TEST(Replay, CommitsAScriptWithoutErrorsAsOneChange) {
  TestBench bench;
  const ReplayReport report = Apply(bench, "dvpn class c1\n public-ip 192.0.2.1\nsysname X\n", OnError::kRollback);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.changed, 3U);
  EXPECT_EQ(bench.session->ready().prompt, "[X-dvpn-class-c1]");
  const auto journal = *bench.device->store().Journal(10);
  EXPECT_EQ(journal.front().commit, journal.back().commit);
}

TEST(Replay, TakesCommandsAsTypedFromUserViewToo) {
  TestBench bench;
  const ReplayReport report =
      Apply(bench, "system-view\nsysname A\nquit\ndisplay clock\nquit\nsysname B\n", OnError::kStop);
  EXPECT_EQ(report.refused, 0U);
  EXPECT_TRUE(report.stopped) << "the session ended before the script";
  EXPECT_THAT(report.lines[3].output, HasSubstr("UTC"));
  EXPECT_TRUE(StartsInUserView("# x\n\n sys\n"));
  EXPECT_FALSE(StartsInUserView("#\n sysname x\n"));
  EXPECT_FALSE(StartsInUserView(""));
}

TEST(Replay, WaitsForCommandsThatRun) {
  TestBench bench;
  std::optional<ReplayReport> report;
  Replay replay(*bench.session, "script", "ping -c 1 10.99.99.99\nsysname Z\n", OnError::kStop);
  std::size_t last = 0;
  replay.Start([&](ReplayReport done) { report = std::move(done); }, [&](std::size_t n, std::size_t) { last = n; });
  EXPECT_FALSE(report);
  bench.scheduler.RunFor(std::chrono::minutes(1));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->changed, 1U);
  EXPECT_EQ(last, 2U);
}

TEST(Replay, ChecksWithoutADevice) {
  const Grammar grammar = std::move(*BuildGrammar());
  const std::string script =
      "interface tunnel 0\n dvpn server nosuch\nnonsense\n" + std::string(kScript) + "ping 10.0.0.1\n";
  const Result<ReplayReport> report = CheckScript(grammar, {}, "script", script);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->refused, 3U);
  EXPECT_EQ(report->lines[1].outcome, Outcome::kRefused);
  EXPECT_NE(report->lines[1].reason.find("nosuch"), std::string::npos) << report->lines[1].reason;
  bool unknown = false;
  for (const LineReport& line : report->lines) unknown = unknown || (line.text == "nonsense" && line.column == 0);
  EXPECT_TRUE(unknown);
  EXPECT_EQ(report->lines.back().outcome, Outcome::kAccepted) << "parsed, not run";
}

TEST(Replay, ChecksWhatTheWholeLacks) {
  const Grammar grammar = std::move(*BuildGrammar());
  const std::string script =
      "#\n"
      "local-user u\n"
      " password cipher _(TT8F]Y\\5SQ=^Q`MAF4<1!!\n"
      "#\n"
      "dvpn class c\n"
      " algorithm-suite 12\n"
      "#\n"
      "interface Tunnel4\n"
      " tunnel-protocol udp dvpn\n"
      " ip address 10.0.0.1 24\n"
      "#\n"
      " dvpn service enable\n"
      "return\n";
  hal::Capabilities weak;
  weak.engine = "a weak engine";
  weak.transforms = {{hal::Cipher::kDesCbc, hal::Integrity::kHmacMd5}};
  const Result<ReplayReport> report = CheckScript(grammar, weak, "script", script);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->refused, 0U);
  const std::string text = ReportText(*report, ReportFormat::kText);
  EXPECT_THAT(text, HasSubstr("script:3:11: note: this cipher text is of another make"));
  EXPECT_THAT(text, HasSubstr("script:6:18: suite 12 (AES-CBC/SHA1/MODP1024) is more than the engine can do"));
  EXPECT_THAT(text, HasSubstr("script:8:1: Tunnel4 cannot run: no source is configured\n  interface Tunnel4\n  ^\n"));
  EXPECT_EQ(report->errors(), 2U);
  const nlohmann::json json = nlohmann::json::parse(ReportText(*report, ReportFormat::kJson));
  EXPECT_EQ(json["findings"][0]["severity"], "note");
  EXPECT_EQ(json["findings"][2]["line"], 8);
  EXPECT_THAT(ReportText(*report, ReportFormat::kJunit), HasSubstr("failures=\"2\""));
}

TEST(Replay, ChecksWhatGreTunnelsLack) {
  const Grammar grammar = std::move(*BuildGrammar());
  const Result<ReplayReport> report =
      CheckScript(grammar, {}, "script",
                  "interface Tunnel1\n ip address 10.0.1.1 24\n destination 192.0.2.2\n"
                  "interface Tunnel2\n ip address 10.0.2.1 24\n source 192.0.2.1\n"
                  "interface Tunnel3\n ip address 10.0.3.1 24\n source 192.0.2.1\n destination 192.0.2.3\n"
                  "interface Tunnel4\n shutdown\n");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->refused, 0U);
  EXPECT_EQ(report->errors(), 2U);
  const std::string text = ReportText(*report, ReportFormat::kText);
  EXPECT_THAT(text, HasSubstr("script:1:1: Tunnel1 cannot run: no source is configured\n"));
  EXPECT_THAT(text, HasSubstr("script:4:1: Tunnel2 cannot run: no destination is configured\n"));
}

TEST(Replay, ChecksProposalsAgainstTheEngine) {
  const Grammar grammar = std::move(*BuildGrammar());
  hal::Capabilities weak;
  weak.engine = "a weak engine";
  weak.transforms = {{hal::Cipher::kDesCbc, hal::Integrity::kHmacMd5}};
  const Result<ReplayReport> report = CheckScript(
      grammar, weak, "script", "ipsec proposal a\n#\nipsec proposal b\n esp encryption-algorithm aes 256\n");
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->findings.size(), 1U);
  EXPECT_EQ(report->findings[0].number, 3);
  EXPECT_THAT(report->findings[0].reason, HasSubstr("proposal b has algorithms that the engine cannot do: a weak"));
}

TEST(Report, PointsAtTheWordThatIsRefused) {
  TestBench bench;
  const ReplayReport report = Apply(bench,
                                    "ipsec policy p1 10 manual\n  proposal nix\nundo ip route-static 10.0.0.0 8\n"
                                    "domain sites\nscheme radius-scheme r9\n",
                                    OnError::kContinue);
  ASSERT_EQ(report.lines.size(), 5U);
  EXPECT_EQ(report.lines[4].column, 21) << report.lines[4].reason;
  EXPECT_EQ(report.lines[1].column, 11) << report.lines[1].reason;
  EXPECT_EQ(report.lines[2].column, 0) << report.lines[2].reason;
}

TEST(Report, NamesConcealedTextOfAnotherMakeAndASecondRunThatChangesNothing) {
  TestBench bench;
  const std::string script = "local-user anna\npassword cipher _(TT8F]Y\\5SQ=^Q`MAF4<1!!\n";
  const ReplayReport first = Apply(bench, script, OnError::kStop);
  ASSERT_EQ(first.findings.size(), 1U);
  EXPECT_TRUE(first.findings[0].note && first.ok());
  EXPECT_EQ(first.findings[0].column, 16);
  bench.session->Send(Control::kReturn);
  EXPECT_THAT(ReportText(Apply(bench, script, OnError::kStop), ReportFormat::kText),
              HasSubstr("0 changed, 2 unchanged, 0 accepted, 0 refused, 1 found wanting; nothing is different"));
}

TEST(Report, ShowsRefusalsWithTheirCaret) {
  TestBench bench;
  const ReplayReport report = Apply(bench, kScript, OnError::kStop);
  EXPECT_EQ(ReportText(report, ReportFormat::kText),
            "script:6:12: Wrong parameter found at '^' position.\n"
            "   public-ip 192.0.2\n"
            "             ^\n"
            "script: 4 line(s): 3 changed, 0 unchanged, 0 accepted, 1 refused; stopped there\n");
}

TEST(Report, IsJsonWithoutSecrets) {
  TestBench bench;
  const std::string text =
      ReportText(Apply(bench, "\xff\xfe\n" + std::string(kScript), OnError::kContinue), ReportFormat::kJson);
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json["refused"], 2);
  EXPECT_EQ(json["lines"][4]["column"], 12);
  EXPECT_THAT(text, Not(HasSubstr("hushhush")));
}

TEST(Report, IsJunit) {
  TestBench bench;
  const std::string text =
      ReportText(Apply(bench, "sysname <&\"\nsysname A B\n", OnError::kContinue), ReportFormat::kJunit);
  EXPECT_THAT(text, HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(text, HasSubstr("name=\"1: sysname &lt;&amp;&quot;\"/>"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"column 11: Too many parameters found at '^' position.\"/>"));
}

}  // namespace
}  // namespace sw::cli
