// Every rule finds what it is about, at the line and columns that say it, and the lines it gives mend that.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "tests/unit/cli/audit/audit_bench.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// An ike peer, a policy that uses it and `p`, and the interface that has the policy: 14 lines in front of a case.
constexpr std::string_view kUsed =
    "acl number 3000\n"
    " rule permit ip\n"
    "#\n"
    "ike peer other\n"
    " remote-address 192.0.2.2\n"
    " pre-shared-key cipher k7-Wq2_mZx9.Lp4v\n"
    "#\n"
    "ipsec proposal p\n"
    " esp encryption-algorithm aes 256\n"
    " esp authentication-algorithm sha2-256\n"
    "#\n"
    "ipsec policy a 10 isakmp\n"
    " security acl 3000\n"
    " ike-peer other\n"
    " proposal p\n"
    "#\n"
    "interface GigabitEthernet0/0\n"
    " ip address 192.0.2.1 24\n"
    " ipsec policy a\n"
    "#\n";
constexpr int kFirst = 21;  // number of the first line behind that

constexpr std::string_view kServer =
    "dvpn policy d\n"
    " authentication-client method chap\n"
    "#\n"
    "interface Tunnel0\n"
    " tunnel-protocol udp dvpn\n"
    " dvpn interface-type server\n"
    " dvpn policy d\n"
    "#\n";  // 8 lines
constexpr std::string_view kManualPolicy =
    "acl number 3000\n"
    " rule permit ip\n"
    "#\n"
    "ipsec proposal p\n"
    "#\n"
    "ipsec policy m 10 manual\n"
    " security acl 3000\n"
    " proposal p\n"
    " tunnel local 192.0.2.1\n"
    " tunnel remote 192.0.2.2\n"
    " sa spi inbound esp 300\n"
    " sa spi outbound esp 301\n"
    " sa string-key inbound esp one\n"
    " sa string-key outbound esp one\n";

struct Case {
  std::string_view rule, object;
  std::string script;
  int line;                // 0: no line
  std::size_t begin, end;  // columns
  Profile profile = Profile::kRfc;
};

std::string Used(std::string_view more) {
  return std::string(kUsed) + std::string(more);
}
std::string Served(std::string_view more) {
  return std::string(kServer) + std::string(more);
}

std::vector<Case> Cases() {
  constexpr int f = kFirst;
  return {
      // Said by a line.
      {"cipher-des", "ipsec proposal p", Used("ipsec proposal p\n  esp  encryption-algorithm  des\n"), f + 1, 30, 33},
      {"cipher-3des", "ipsec proposal p", Used("ipsec proposal p\n esp encryption-algorithm 3des\n"), f + 1, 27, 31},
      {"cipher-null", "ipsec proposal p", Used("ipsec proposal p\n undo esp encryption-algorithm\n"), f + 1, 11, 31},
      {"cipher-null", "ipsec proposal p", Used("ipsec proposal p\n transform ah\n"), f + 1, 12, 14},
      {"hash-md5", "ipsec proposal p", Used("ipsec proposal p\n esp authentication-algorithm md5\n"), f + 1, 31, 34},
      {"hash-md5", "ipsec proposal p", Used("ipsec proposal p\n transform ah-esp\n ah authentication-algorithm md5\n"),
       f + 2, 30, 33},
      {"hash-sha1", "ipsec proposal p", Used("ipsec proposal p\n esp authentication-algorithm sha1\n"), f + 1, 31, 35},
      {"no-authentication", "ipsec proposal p", Used("ipsec proposal p\n undo esp authentication-algorithm\n"), f + 1,
       11, 35},
      {"cipher-des", "ike proposal 5", Used("ike proposal 5\n encryption-algorithm des-cbc\n"), f + 1, 23, 30},
      {"cipher-3des", "ike proposal 5", Used("ike proposal 5\n encryption-algorithm 3des-cbc\n"), f + 1, 23, 31},
      {"hash-md5", "ike proposal 5", Used("ike proposal 5\n authentication-algorithm md5\n"), f + 1, 27, 30},
      {"hash-sha1", "ike proposal 5", Used("ike proposal 5\n authentication-algorithm sha\n"), f + 1, 27, 30},
      {"group-modp768", "ike proposal 5", Used("ike proposal 5\n dh group1\n"), f + 1, 5, 11},
      {"group-modp1024", "ike proposal 5", Used("ike proposal 5\n dh group2\n"), f + 1, 5, 11},
      {"group-modp1536", "ike proposal 5", Used("ike proposal 5\n dh group5\n"), f + 1, 5, 11},
      {"group-modp2048", "ike proposal 5", Used("ike proposal 5\n dh group14\n"), f + 1, 5, 12, Profile::kBsi},
      {"group-modp1024", "ipsec policy a 10", Used("ipsec policy a 10\n pfs dh-group2\n"), f + 1, 6, 15},
      {"cipher-des", "dvpn policy d", Served("dvpn policy d\n session algorithm-suite 3\n"), 10, 26, 27},
      {"cipher-3des", "dvpn policy d", Served("dvpn policy d\n data algorithm-suite 8\n"), 10, 23, 24},
      {"cipher-null", "dvpn policy d", Served("dvpn policy d\n data algorithm-suite 13\n"), 10, 23, 25},
      {"hash-sha1", "dvpn policy d", Served("dvpn policy d\n data algorithm-suite 12\n"), 10, 23, 25},
      {"group-modp1024", "dvpn server", Served("dvpn server algorithm-suite 12 16\n"), 9, 29, 34},
      {"group-x25519", "dvpn class c",
       "dvpn class c\n algorithm-suite 17\ninterface Tunnel1\n tunnel-protocol udp dvpn\n dvpn server c\n", 2, 18, 20,
       Profile::kNist},
      {"key-short", "ike peer other", Used("ike peer other\n pre-shared-key short\n"), f + 1, 17, 22},
      {"key-short", "local-user u", "local-user u\n password cipher short\n", 2, 18, 23},
      {"key-short", "super password level 2", "super password level 2 cipher short\n", 1, 31, 36},
      {"key-short", "user-interface vty 1", "user-interface vty 0 4\n set authentication password cipher short\n", 2,
       37, 42},
      {"key-short", "radius scheme r", "radius scheme r\n key accounting short\n", 2, 17, 22},
      {"key-simple", "ike peer other", Used("ike peer other\n pre-shared-key simple k7-Wq2_mZx9.Lp4vTs0A\n"), f + 1, 24,
       44},
      {"key-simple", "local-user u", "local-user u\n password simple k7-Wq2_mZx9.\n", 2, 18, 30},
      {"key-simple", "dvpn server pre-shared-key", "dvpn server pre-shared-key simple k7-Wq2_mZx9.Lp4vTs0A\n", 1, 35,
       55},
      {"key-shared", "ike peer two",
       Used("ike peer two\n remote-address 192.0.2.3\n pre-shared-key cipher "
            "k7-Wq2_mZx9.Lp4v\n"),
       f + 2, 24, 40},
      {"key-shared", "ike peer many",
       "ike peer many\n remote-address 192.0.2.3 192.0.2.9\n pre-shared-key "
       "k7-Wq2_mZx9.Lp4vTs0A\n",
       3, 17, 37},
      {"dvpn-server-key", "dvpn server pre-shared-key", "dvpn server pre-shared-key k7-Wq2_mZx9.Lp4vTs0A\n", 1, 28, 48},
      {"key-default", "radius scheme r", "radius scheme r\n primary authentication 192.0.2.9\n", 1, 1, 16},
      {"manual-keys", "ipsec policy m 10", std::string(kManualPolicy), 6, 19, 25},
      {"manual-keys-mirrored", "ipsec policy m 10", std::string(kManualPolicy), 6, 19, 25},
      {"aggressive-key", "ike peer other", Used("ike peer other\n id-type name\n exchange-mode aggressive\n"), f + 2,
       16, 26},
      {"ike-version-1", "ike", Used(""), 0, 0, 0},
      {"no-revocation", "pki domain d", "pki domain d\n certificate ca ca.pem\n", 1, 1, 13},
      {"dvpn-open", "dvpn policy d", Served("dvpn policy d\n authentication-client method none\n"), 10, 31, 35},
      {"dvpn-pap", "dvpn policy d", Served("dvpn policy d\n authentication-client method pap\n"), 10, 31, 34},
      {"dvpn-chap", "dvpn policy d", Served(""), 2, 31, 35},
      {"dvpn-open", "dvpn server", Served("dvpn policy d\n undo authentication-client method\n"), 0, 0, 0},
      {"dvpn-server-unproved", "dvpn class c",
       "dvpn class c\n authentication-server method none\ninterface Tunnel1\n tunnel-protocol udp dvpn\n dvpn server "
       "c\n",
       2, 31, 35},
      {"ppp-pap", "interface Virtual-Template1", "interface Virtual-Template1\n ppp authentication-mode pap\n", 2, 26,
       29},
      {"domain-open", "domain office", "domain office\n scheme none\n", 2, 9, 13},
      {"domain-open", "domain office", "domain office\n authentication none\n", 2, 17, 21},
      {"telnet", "telnet server", "telnet server enable\n", 1, 15, 21},
      {"telnet", "local-user u", "local-user u\n service-type ssh telnet\n", 2, 19, 25},
      {"telnet", "user-interface vty 2", "user-interface vty 0 3\n protocol inbound telnet\n", 2, 19, 25},
      {"ftp", "ftp server", "ftp server enable\n", 1, 12, 18},
      {"ftp", "local-user u", "local-user u\n service-type ftp\n", 2, 15, 18},
      {"line-open", "user-interface vty 0", "user-interface vty 0\n authentication-mode none\n", 2, 22, 26},
      {"radius-replies", "radius scheme r", "radius scheme r\n message-authenticator optional\n", 2, 24, 32},
      {"snmp-community-weak", "snmp-agent community read (number 1)", "snmp-agent community read public\n", 1, 27, 33},
      {"snmp-community-weak", "snmp-agent community write (number 2)",
       "snmp-agent community read k7-Wq2_mZx9.\nsnmp-agent community write  Short acl 2001\nacl number 2001\n", 2, 29,
       34},
      {"snmp-write-open", "snmp-agent community write (number 1)", "snmp-agent community write k7-Wq2_mZx9.\n", 1, 22,
       27},
      {"snmp-clear", "snmp-agent community read (number 1)", "snmp-agent community read k7-Wq2_mZx9.\n", 1, 27, 39},
      {"snmp-clear", "snmp-agent sys-info version", "snmp-agent sys-info version v2c v3\n", 1, 29, 35},
      {"snmp-clear", "snmp-agent target-host 192.0.2.9",
       "snmp-agent target-host trap address udp-domain 192.0.2.9 params securityname k7-Wq2_mZx9. v2c\n", 1, 91, 94},
      {"snmp-clear", "snmp-agent target-host 192.0.2.9",
       "snmp-agent target-host trap address udp-domain 192.0.2.9 params securityname k7-Wq2_mZx9.\n", 1, 1, 90},
      {"ike-lifetime", "ike proposal 5", Used("ike proposal 5\n sa duration 90000\n"), f + 1, 14, 19},
      {"ipsec-lifetime", "ipsec policy a 10", Used("ipsec policy a 10\n sa duration time-based 30000\n"), f + 1, 25,
       30},
      {"ipsec-lifetime", "ipsec sa global-duration", Used("ipsec sa global-duration time-based 15000\n"), f, 37, 42,
       Profile::kBsi},
      {"dvpn-lifetime", "dvpn policy d", Served("dvpn policy d\n data ipsec-sa duration time-based 30000\n"), 10, 36,
       41},
      // Defaults: the line that makes the object.
      {"cipher-des", "ipsec proposal q", Used("ipsec proposal q\nipsec policy a 10\n proposal q\n"), f, 1, 17},
      {"hash-md5", "ipsec proposal q", Used("ipsec proposal q\nipsec policy a 10\n proposal q\n"), f, 1, 17},
      {"group-modp768", "ike proposal 5", Used("ike proposal 5\n"), f, 1, 15},
      {"cipher-des", "the built-in ike proposal", Used(""), 0, 0, 0},
      {"group-modp768", "the built-in ike proposal", Used("ike proposal 5\n"), 0, 0, 0},
      {"pfs-off", "ipsec policy a 10", Used(""), 12, 1, 25},
      {"pfs-off", "ipsec policy-template t 1", "ipsec policy-template t 1\n", 1, 1, 26},
      {"cipher-des", "dvpn policy d", Served(""), 1, 1, 14},
      {"cipher-des", "dvpn class c", "dvpn class c\ninterface Tunnel1\n tunnel-protocol udp dvpn\n dvpn server c\n", 1,
       1, 13},
      {"group-modp768", "dvpn server", Served(""), 0, 0, 0},
      {"hash-md5", "interface Tunnel0", Served("interface Tunnel0\n undo dvpn policy\n"), 4, 1, 18},
  };
}

std::string NameOf(const Case& c) {
  return std::string(c.rule) + " of " + std::string(c.object) + " in\n" + c.script;
}

std::string PlaceText(const std::optional<Place>& place) {
  return place ? fmt::format("{}:{}-{}", place->line, place->begin, place->end) : "none";
}

TEST(Rules, FindTheLineAndTheColumns) {
  for (const Case& c : Cases()) {
    const Audit audit = AuditOf(c.script, c.profile);
    EXPECT_THAT(audit.refused, IsEmpty()) << NameOf(c) << audit.refused.front().text;
    std::vector<std::string> places;
    for (const AuditFinding& finding : audit.findings)
      if (finding.rule->id == c.rule && finding.hit.object == c.object) places.push_back(PlaceText(finding.place));
    const std::string wanted = c.line == 0 ? "none" : fmt::format("{}:{}-{}", c.line, c.begin, c.end);
    EXPECT_THAT(places, testing::Contains(wanted)) << NameOf(c);
  }
}

TEST(Rules, HaveACaseEach) {
  std::set<std::string_view> rules, tried;
  for (const Rule* rule : AllRules()) EXPECT_TRUE(rules.insert(rule->id).second) << rule->id << " is there twice";
  for (const Case& c : Cases()) tried.insert(c.rule);
  EXPECT_EQ(rules, tried);
}

TEST(Rules, AreMendedByTheirLines) {
  int mended = 0;
  for (const Case& c : Cases()) {
    const Audit before = AuditOf(c.script, c.profile);
    for (const AuditFinding& finding : before.findings) {
      if (finding.hit.mend.empty()) {
        EXPECT_THAT(finding.hit.remedy, Not(IsEmpty())) << finding.rule->id;
        continue;
      }
      ++mended;
      ReplayReport check;
      const Audit after = AuditOf(c.script + "#\n" + Typed(finding.hit), c.profile, &check);
      EXPECT_EQ(check.refused, 0U) << NameOf(c) << Typed(finding.hit);
      for (const AuditFinding& left : after.findings)
        EXPECT_FALSE(left.rule == finding.rule && left.hit.object == finding.hit.object &&
                     left.hit.column == finding.hit.column)
            << NameOf(c) << "still has it with\n"
            << Typed(finding.hit);
    }
  }
  EXPECT_GT(mended, 200);
}

// The place where a key must be put does not pass for one.
TEST(Rules, TakeNoPlaceholderForAKey) {
  const Audit audit = AuditOf(fmt::format("ike peer a\n remote-address 192.0.2.1\n pre-shared-key {}\n", kNewKey));
  EXPECT_NE(FindIn(audit, "key-short", "ike peer a"), nullptr);
}

TEST(Rules, PrintNoKeywordOfATextThatWasNotRead) {
  for (const Rule* rule : AllRules()) {
    EXPECT_THAT(std::string(rule->what), Not(IsEmpty()));
    EXPECT_THAT(std::string(rule->why), Not(IsEmpty()));
    for (const int cwe : rule->cwe) {
      if (cwe == 0) continue;
      EXPECT_THAT(std::string(CweTitle(cwe)), Not(IsEmpty())) << cwe;
    }
    for (const Citation& citation : rule->documents) {
      if (citation.seen != Seen::kNotRead) continue;
      EXPECT_THAT(std::string(citation.keyword), IsEmpty()) << rule->id;
    }
  }
}

TEST(Rules, SayWhoUsesIt) {
  const Audit audit = AuditOf(Used("ipsec proposal p\n esp encryption-algorithm des\n"));
  EXPECT_THAT(FindIn(audit, "cipher-des", "ipsec proposal p")->hit.users,
              testing::ElementsAre("ipsec policy a 10", "ike peer other", "interface GigabitEthernet0/0"));
  const Audit idle = AuditOf("ipsec proposal p\n");
  EXPECT_TRUE(FindIn(idle, "cipher-des")->hit.unused);
  EXPECT_EQ(FindIn(idle, "cipher-des")->severity, Severity::kNote);
}

TEST(Rules, OfAProfileDiffer) {
  const std::string script = Used("ipsec proposal p\n esp encryption-algorithm 3des\n");
  EXPECT_EQ(FindIn(AuditOf(script), "cipher-3des")->severity, Severity::kWarning);
  EXPECT_EQ(FindIn(AuditOf(script, Profile::kNist), "cipher-3des")->severity, Severity::kError);
}

TEST(Rules, AreSilentWhereNothingIsWeak) {
  const Audit audit = AuditOf(
      Used("ike proposal 1\n encryption-algorithm aes-cbc 256\n authentication-algorithm sha2-256\n dh group14\n#\n"
           "ipsec policy a 10\n pfs dh-group14\n#\nike peer other\n pre-shared-key k7-Wq2_mZx9.Lp4vTs0A\n"));
  for (const AuditFinding& finding : audit.findings) EXPECT_EQ(finding.severity, Severity::kNote) << finding.hit.what;
  EXPECT_TRUE(audit.ok());
}

}  // namespace
}  // namespace sw::cli
