// Stages of a migration: each is taken, done once it changes nothing, leaves nothing weak in the end, and never leaves
// two ends, one stage apart at most, without something in common.
#include "cli/audit/migrate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/cli/audit/audit_bench.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Both ends of a tunnel, as the guide's examples have them: DES, MD5, the group of 768 bits, all by default.
std::string Gateway(int own, int other) {
  return fmt::format(
      "#\n"
      "acl number 3000\n"
      " rule permit ip source 10.{0}.0.0 0.0.255.255 destination 10.{1}.0.0 0.0.255.255\n"
      "#\n"
      "ike proposal 5\n"
      "ike peer other\n"
      " pre-shared-key simple k7-Wq2_mZx9.Lp4v\n"
      " remote-address 192.0.2.{1}\n"
      "#\n"
      "ipsec proposal tran1\n"
      "ipsec policy map1 10 isakmp\n"
      " security acl 3000\n"
      " ike-peer other\n"
      " proposal tran1\n"
      "#\n"
      "interface GigabitEthernet0/0\n"
      " ip address 192.0.2.{0} 24\n"
      " ipsec policy map1\n"
      "#\n",
      own, other);
}

struct End {
  std::string text;
  device::Config config;
};
End EndOf(const std::string& text) {
  End out{.text = text, .config = {}};
  const Result<ReplayReport> report =
      CheckScript(AuditGrammar(), AuditCrypto(), "end", text, [&](const CheckedScript& c) { out.config = c.config; });
  for (const LineReport& line : report->lines)
    EXPECT_NE(line.outcome, Outcome::kRefused) << line.text << ": " << line.reason << " in\n" << text;
  return out;
}
End After(const End& end, int stage) {
  std::string text = end.text + "#\n";
  for (const std::string& line : Migrate(end.config, stage).lines) text += line + "\n";
  return EndOf(text);
}

// Beside the tunnel of the example: other methods, lists, modes, templates.
const std::vector<std::string>& Files() {
  static const std::vector<std::string> files = {
      Gateway(1, 2),
      Gateway(1, 2) +
          "ike proposal 1\n encryption-algorithm 3des-cbc\n dh group2\nike proposal 100\n dh group5\n"
          "undo ike proposal 100\n",
      Gateway(1, 2) +
          "ipsec proposal a\n transform ah\nipsec proposal b\n transform ah-esp\n encapsulation-mode "
          "transport\nipsec policy map1 10\n proposal tran1 a b\n pfs dh-group2\n sa duration time-based "
          "1200\nipsec policy map1 11 isakmp\n security acl 3000\n ike-peer other\n proposal b\n",
      Gateway(1, 2) +
          "ipsec policy-template t 1\n ike-peer other\n proposal tran1\nipsec policy map1 100 isakmp "
          "template t\n",
      "dvpn server algorithm-suite 1 12\ndvpn policy d\ninterface Tunnel0\n tunnel-protocol udp dvpn\n dvpn "
      "interface-type server\n dvpn policy d\n#\ndvpn class c\n public-ip 192.0.2.1\n",
  };
  return files;
}

TEST(Migrate, TakesEveryLineAndIsDoneAfterwards) {
  for (const std::string& file : Files()) {
    End end = EndOf(file);
    for (int stage = kFirstStage; stage <= kLastStage; ++stage) {
      EXPECT_THAT(Migrate(end.config, stage).blocked, IsEmpty()) << "stage " << stage << " of\n" << file;
      end = After(end, stage);
      EXPECT_THAT(Migrate(end.config, stage).lines, IsEmpty()) << "stage " << stage << " of\n" << end.text;
    }
  }
}

TEST(Migrate, LeavesNothingWeakInTheEnd) {
  for (const std::string& file : Files()) {
    End end = EndOf(file);
    for (int stage = kFirstStage; stage <= kLastStage; ++stage) end = After(end, stage);
    for (const AuditFinding& finding : AuditOf(end.text).findings) {
      const bool algorithms = finding.rule->area == "algorithms" && finding.rule->id != "cipher-null";
      EXPECT_FALSE(algorithms || finding.rule->id == "pfs-off") << finding.fingerprint << " in\n" << end.text;
    }
  }
}

TEST(Migrate, JudgesNoKeyThatOpensElsewhereOnly) {
  std::string elsewhere = Gateway(2, 1);
  const std::string typed = "simple k7-Wq2_mZx9.Lp4v";
  elsewhere.replace(elsewhere.find(typed), typed.size(), "cipher $sw2$" + std::string(64, 'A'));
  for (const Agreement& each : AgreementsOf(EndOf(Gateway(1, 2)).config, EndOf(elsewhere).config)) {
    const bool key = each.what.ends_with("pre-shared key");
    EXPECT_EQ(each.known, !key) << each.what;
    EXPECT_EQ(each.holds, !key) << each.what;
  }
}

TEST(Migrate, KeepsEndsOneStageApartInAgreement) {
  std::vector<End> a = {EndOf(Gateway(1, 2))}, b = {EndOf(Gateway(2, 1))};
  for (int stage = kFirstStage; stage <= kLastStage; ++stage) {
    a.push_back(After(a.back(), stage));
    b.push_back(After(b.back(), stage));
  }
  for (int i = 0; i <= kLastStage; ++i)
    for (int j = std::max(i - 1, 0); j <= std::min(i + 1, kLastStage); ++j) {
      const std::vector<Agreement> all =
          AgreementsOf(a[static_cast<std::size_t>(i)].config, b[static_cast<std::size_t>(j)].config);
      EXPECT_EQ(all.size(), 4U);
      for (const Agreement& each : all) EXPECT_TRUE(each.holds) << each.what << " at stages " << i << " and " << j;
    }
  // Three stages apart they have no IPsec proposal in common, which the check must see.
  const std::vector<Agreement> apart = AgreementsOf(a.front().config, b.back().config);
  EXPECT_TRUE(std::ranges::any_of(apart, [](const Agreement& each) { return !each.holds; }));
}

TEST(Migrate, PutsStrongBesideWeakFirst) {
  const Result<MigrationReport> report =
      MigrateFile(AuditGrammar(), AuditCrypto(), {"a.cfg", Gateway(1, 2)}, NamedScript{"b.cfg", Gateway(2, 1)}, 1);
  ASSERT_TRUE(report.ok()) << report.why();
  EXPECT_TRUE(report->ok) << report->script;
  EXPECT_THAT(report->script, HasSubstr("# a.cfg, stage 1 of 3: strong beside weak\n"));
  EXPECT_THAT(report->script, HasSubstr("ike proposal 15\n encryption-algorithm aes-cbc 256\n"));
  EXPECT_THAT(report->script, HasSubstr(" proposal tran1 strong\n"));
  EXPECT_THAT(report->script,
              HasSubstr("ipsec policy map1 11 isakmp\n security acl 3000\n ike-peer other\n proposal tran1 "
                        "strong\n pfs dh-group14\n"));
  EXPECT_THAT(report->script, HasSubstr("an ike proposal in common: yes\n"));
  EXPECT_THAT(report->script, Not(HasSubstr("k7-Wq2")));
}

TEST(Migrate, SaysWhatItCannotDo) {
  const auto migrate = [](const std::string& text, int stage, std::optional<NamedScript> other = std::nullopt) {
    return *MigrateFile(AuditGrammar(), AuditCrypto(), {"a.cfg", text}, other, stage);
  };
  EXPECT_FALSE(migrate(Gateway(1, 2), 3).ok);
  EXPECT_THAT(migrate(Gateway(1, 2), 3).script, HasSubstr("stage 1 comes first"));
  EXPECT_FALSE(migrate("ike peer p\n pre-shared-key k\n remote-address 192.0.2.1\nike proposal 100\n", 1).ok);
  EXPECT_THAT(migrate("ipsec proposal p\nipsec policy m 1 manual\n proposal p\n", 1).script,
              HasSubstr("in one window"));
  const MigrationReport stranger = migrate(Gateway(1, 2), 1, NamedScript{"c.cfg", Gateway(7, 8)});
  EXPECT_FALSE(stranger.ok);
  std::string key = Gateway(2, 1);
  key.replace(key.find("k7-"), 3, "x7-");
  const MigrationReport other_key = migrate(Gateway(1, 2), 1, NamedScript{"b.cfg", key});
  EXPECT_FALSE(other_key.ok);
  EXPECT_THAT(other_key.script, HasSubstr("the same pre-shared key: NO\n"));
}

TEST(Migrate, RefusesAFileThatIsNotUnderstood) {
  const auto report = MigrateFile(AuditGrammar(), AuditCrypto(), {"a.cfg", "ike peer\n"}, std::nullopt, 1);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.why(), HasSubstr("a.cfg:1: ike peer: "));
}

TEST(Migrate, GoesOnBehindReturn) {
  const auto report =
      MigrateFile(AuditGrammar(), AuditCrypto(), {"a.cfg", Gateway(1, 2) + "return\n"}, std::nullopt, 1);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->ok) << report->script;
}

}  // namespace
}  // namespace sw::cli
