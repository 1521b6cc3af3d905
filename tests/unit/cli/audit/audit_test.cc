// The audit of a script and of a device, its reports, and the baseline.
#include "cli/audit/audit.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/audit/displays.h"
#include "cli/audit/reports.h"
#include "cli/display/json.h"
#include "tests/unit/cli/audit/audit_bench.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/json_schema.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kScript =
    "ike peer other\n"
    " remote-address 192.0.2.2\n"
    " pre-shared-key simple hushhush\n"
    "dvpn class c\n"
    " algorithm-suite 1\n"
    "ipsec proposal p\n";

TEST(Audit, SaysWhereInText) {
  ReplayReport check;
  const Audit audit = AuditOf(kScript, Profile::kRfc, &check);
  const std::string text = AuditText(audit, check);
  EXPECT_THAT(text,
              HasSubstr("site.cfg:3:24: warning: A key or password stands in clear: ike peer other: it is kept and "
                        "shown as typed [key-simple]\n"
                        "   pre-shared-key simple ********\n"
                        "                         ^~~~~~~~\n"));
  EXPECT_THAT(text, HasSubstr("site.cfg:6:1: note: DES encrypts: ipsec proposal p (its default): ESP encrypts by it "
                              "[cipher-des]\n"));
  EXPECT_THAT(text, HasSubstr("  mend:\n    ipsec proposal p\n     esp encryption-algorithm aes 256\n"));
  EXPECT_THAT(text, HasSubstr("RFC 8221 section 5 [not read: our judgement]\n"));
  EXPECT_THAT(text, Not(HasSubstr("hushhush")));
  EXPECT_FALSE(audit.ok());
}

TEST(Audit, LeavesOutWhatWasTakenBack) {
  const Audit audit = AuditOf("ipsec proposal p\n esp encryption-algorithm des\nundo ipsec proposal p\n");
  EXPECT_EQ(FindIn(audit, "cipher-des"), nullptr);
  const Audit again = AuditOf("telnet server enable\nundo telnet server\n");
  EXPECT_EQ(FindIn(again, "telnet"), nullptr);
}

TEST(Audit, TakesTheLastLineThatSetsAColumn) {
  const Audit audit =
      AuditOf("ike peer a\n exchange-mode main\n#\nike proposal 1\n dh group2\n dh group5\n dh group2\n");
  EXPECT_EQ(FindIn(audit, "group-modp1024")->place->line, 7);
}

TEST(Audit, AnswersAsItsSchemaSays) {
  const Json schema = SchemaOf("display security audit", kAuditDisplay);
  EXPECT_EQ(WhyNot(schema, Json::parse(AuditJson(AuditOf(kScript)))), "");
}

TEST(Audit, OfABaselineFailsForWhatIsNew) {
  Audit audit = AuditOf(kScript);
  ASSERT_TRUE(ApplyBaseline(AuditJson(audit), audit).ok());
  EXPECT_TRUE(audit.ok());
  for (const AuditFinding& finding : audit.findings) EXPECT_EQ(finding.state, BaselineState::kUnchanged);

  Audit moved = AuditOf("#\n#\n" + kScript + "telnet server enable\n");
  ASSERT_TRUE(ApplyBaseline(AuditJson(audit), moved).ok());
  EXPECT_FALSE(moved.ok());
  for (const AuditFinding& finding : moved.findings)
    EXPECT_EQ(finding.state == BaselineState::kNew, finding.rule->id == "telnet") << finding.fingerprint;

  Audit better = AuditOf("ipsec proposal p\n");
  ASSERT_TRUE(ApplyBaseline(AuditJson(audit), better).ok());
  EXPECT_THAT(better.gone, testing::Contains("key-simple:ike peer other:pre_shared_key"));
  EXPECT_TRUE(better.ok());
}

TEST(Audit, RefusesABaselineThatIsNone) {
  Audit audit = AuditOf(kScript);
  for (const char* text : {"", "[]", "{}", "{\"findings\":3}", "{\"findings\":[3]}", "{\"findings\":[{}]}", "\xff"})
    EXPECT_EQ(ApplyBaseline(text, audit).code(), Code::kBadValue) << text;
}

TEST(Audit, AsJunitHasACaseForEachRule) {
  const std::string text = AuditJunit(AuditOf(kScript));
  for (const Rule* rule : AllRules()) EXPECT_THAT(text, HasSubstr("classname=\"" + std::string(rule->id) + "\""));
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"telnet\" name=\"Telnet\"/>"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"warning: it is kept and shown as typed\"/>"));
}

TEST(Audit, OfADeviceNamesTheLinesItPrints) {
  TestBench bench;
  bench.RunAll({"system-view", "ike peer other", "remote-address 192.0.2.2", "pre-shared-key simple hushhush", "quit",
                "user-interface vty 0 4", "authentication-mode none", "return"});
  const Json audit = Json::parse(bench.Run("display security audit profile bsi | json"));
  EXPECT_EQ(audit["profile"], "bsi");
  const std::string shown = bench.Run("display current-configuration");
  std::vector<std::string> lines(1);
  for (const char c : shown) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  std::set<std::string> rules;
  for (const Json& finding : audit["findings"]) {
    rules.insert(finding["rule"]);
    const auto line = finding["line"].get<std::size_t>();
    if (line == 0) continue;
    ASSERT_LE(line, lines.size());
    const std::string& text = lines[line - 1];
    const auto is = [&](std::string_view rule) { return finding["rule"] == rule; };
    EXPECT_TRUE(!is("line-open") || text == " authentication-mode none") << text;
    EXPECT_TRUE(!is("key-simple") || text == " pre-shared-key simple hushhush") << text;
  }
  EXPECT_THAT(rules, testing::IsSupersetOf({"line-open", "key-simple", "key-short", "cipher-des", "ike-version-1"}));
  EXPECT_THAT(bench.Run("display security audit"), Not(HasSubstr("hushhush")));
}

// A device says of its rows what the check says of its text.
TEST(Audit, OfADeviceAndOfItsTextAreTheSame) {
  TestBench bench;
  bench.RunAll({"system-view", "ike peer other", "remote-address 192.0.2.2", "pre-shared-key simple hushhush", "quit",
                "dvpn policy d", "quit", "interface Tunnel 0", "tunnel-protocol udp dvpn", "dvpn interface-type server",
                "dvpn policy d", "return"});
  const Json device = Json::parse(bench.Run("display security audit | json"));
  const Json file = Json::parse(AuditJson(AuditOf(bench.Run("display current-configuration"))));
  const auto places = [](const Json& audit) {
    std::set<std::string> out;
    for (const Json& f : audit["findings"])
      out.insert(f["fingerprint"].get<std::string>() + " " + f["severity"].get<std::string>() + " " + f["line"].dump());
    return out;
  };
  EXPECT_EQ(places(device), places(file));
  EXPECT_GT(device["findings"].size(), 5U);
}

TEST(Audit, IsForLevelThree) {
  TestBench bench({.level = kConfigure});
  EXPECT_EQ(bench.OutcomeOf("display security audit"), Outcome::kRefused);
}

}  // namespace
}  // namespace sw::cli
