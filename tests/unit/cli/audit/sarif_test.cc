// SARIF of an audit: as the specification says, with columns that are right and fixes that mend.
#include <gmock/gmock.h>

#include "cli/audit/reports.h"
#include "tests/unit/cli/audit/audit_bench.h"
#include "tests/unit/cli/audit/sarif_shape.h"

namespace sw::cli {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

const std::string kScript =
    "#\n"
    "ipsec proposal \xc3\xa9t\xe9\n"
    "ipsec proposal q\n"
    "  esp encryption-algorithm   des\n"
    "\tesp authentication-algorithm md5\n"
    "acl number 3000\n"
    " rule permit ip\n"
    "ike peer other\n"
    " remote-address 192.0.2.2\n"
    " exchange-mode aggressive\n"
    " pre-shared-key simple hushhush\n"
    "ipsec policy a 10 isakmp\n"
    " security acl 3000\n"
    " ike-peer other\n"
    " proposal q \xc3\xa9t\xe9\n"
    "interface Tunnel0\n"
    " nonsense\n";

// As SarifShape takes it: each byte that is no UTF-8 is one ?.
std::vector<std::string> Lines(const std::string& script) {
  std::vector<std::string> out(1);
  for (std::size_t at = 0; at < script.size(); ++at) {
    if (script[at] == '\n') {
      out.emplace_back();
    } else {
      out.back() += script[at] == '\xe9' ? '?' : script[at];
    }
  }
  return out;
}

Json Log(const Audit& audit) {
  return Json::parse(AuditSarif(audit));
}

TEST(Sarif, IsAsTheSpecificationSays) {
  for (const Profile profile : {Profile::kRfc, Profile::kNist, Profile::kBsi}) {
    const Audit audit = AuditOf(kScript, profile);
    ASSERT_GT(audit.findings.size(), 8U);
    const Json log = Log(audit);
    EXPECT_EQ(SarifShape(Lines(kScript)).WhyNot(log), "");
    EXPECT_EQ(log["runs"][0]["results"].size(), audit.findings.size());
  }
}

TEST(Sarif, CountsColumnsInCodePoints) {
  const Audit audit = AuditOf(kScript);
  const AuditFinding* finding = FindIn(audit, "cipher-des", "ipsec proposal \xc3\xa9t\xe9");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->place->end, 20U);  // bytes
  const Json log = Log(audit);
  for (const Json& result : log["runs"][0]["results"]) {
    const Json& region = result["locations"][0]["physicalLocation"].value("region", Json::object());
    if (region.empty() || region["startLine"] != 2) continue;
    EXPECT_EQ(region["startColumn"], 1);
    EXPECT_EQ(region["endColumn"], 19);
    EXPECT_EQ(region["snippet"]["text"], "ipsec proposal \xc3\xa9t\xef\xbf\xbd");
  }
}

// What the schema lets pass, and what it does not: the checker finds both.
TEST(Sarif, ThatIsWrongIsFound) {
  const Json good = Log(AuditOf(kScript));
  const auto why = [&](const std::function<void(Json&)>& spoil) {
    Json log = good;
    spoil(log);
    return SarifShape(Lines(kScript)).WhyNot(log);
  };
  const auto result = [](Json& log) -> Json& { return log["runs"][0]["results"][0]; };
  const auto region = [&](Json& log) -> Json& { return result(log)["locations"][0]["physicalLocation"]["region"]; };
  EXPECT_THAT(why([&](Json& log) { region(log)["endColumn"] = region(log)["endColumn"].get<int>() - 1; }),
              HasSubstr("snippet"));
  EXPECT_THAT(why([&](Json& log) { region(log)["endColumn"] = 99; }), HasSubstr("columns"));
  EXPECT_THAT(why([&](Json& log) { region(log)["startLine"] = 99; }), HasSubstr("line"));
  EXPECT_THAT(why([&](Json& log) { result(log)["level"] = "high"; }), HasSubstr("level"));
  EXPECT_THAT(why([&](Json& log) { result(log)["kind"] = "review"; }), HasSubstr("kind"));
  EXPECT_THAT(why([&](Json& log) { result(log)["ruleIndex"] = 1; }), HasSubstr("ruleIndex"));
  EXPECT_THAT(why([&](Json& log) { result(log).erase("message"); }), HasSubstr("message"));
  EXPECT_THAT(why([&](Json& log) { result(log)["severity"] = "x"; }), HasSubstr("must not have"));
  EXPECT_THAT(why([&](Json& log) { log["runs"][0].erase("columnKind"); }), HasSubstr("columnKind"));
}

TEST(Sarif, HoldsNoSecret) {
  const std::string text = AuditSarif(AuditOf(kScript));
  EXPECT_EQ(text.find("hushhush"), std::string::npos);
}

TEST(Sarif, NamesLinesThatWereNotTaken) {
  const Json log = Log(AuditOf(kScript));
  EXPECT_EQ(log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["level"], "error");
}

// A fix done to the file leaves no such finding.
TEST(Sarif, FixesMend) {
  const Audit audit = AuditOf(kScript);
  int fixes = 0;
  for (const AuditFinding& finding : audit.findings) {
    const std::optional<TextFix> fix = FixOf(finding);
    if (!fix) continue;
    ++fixes;
    std::string script;
    int number = 0;
    for (std::size_t at = 0; at < kScript.size();) {
      const std::size_t end = kScript.find('\n', at);
      std::string line = kScript.substr(at, end - at);
      if (++number == fix->line) line.replace(fix->begin - 1, fix->end - fix->begin, fix->text);
      script += line + "\n";
      at = end + 1;
    }
    const Audit after = AuditOf(script);
    EXPECT_EQ(after.refused.size(), audit.refused.size()) << script;
    for (const AuditFinding& left : after.findings) EXPECT_NE(left.fingerprint, finding.fingerprint) << script;
  }
  EXPECT_GT(fixes, 5);
}

}  // namespace
}  // namespace sw::cli
