#include "cli/session/mask.h"

#include <gtest/gtest.h>

#include "cli/subjects.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

TEST(Mask, HidesWhatIsASecretAndNothingElse) {
  constexpr std::pair<std::string_view, std::string_view> kLines[] = {
      {"password simple abc", "password simple ***"},
      {" pre-shared-key abc", " pre-shared-key ***"},
      {"local-user bob password sim abc", "local-user bob password sim ***"},
      {"password s abc", "password s ***"},
      {"super password level 3 simple abc", "super password level 3 simple ***"},
      {"snmp-agent community read s3cret acl 2000", "snmp-agent community read ****** acl 2000"},
      {"undo snmp-agent community s3cret", "undo snmp-agent community ******"},
      {"snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname pub",
       "snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname ***"},
      {"snmp-agent usm-user v3 u g authentication-mode sha abc privacy-mode des56 def",
       "snmp-agent usm-user v3 u g authentication-mode sha *** privacy-mode des56 ***"},
      {"key authentication tackey", "key authentication ******"},
      {"key accounting cipher tackey", "key accounting cipher ******"},
      {"ntp-service authentication-keyid 1 authentication-mode md5 ntpkey",
       "ntp-service authentication-keyid 1 authentication-mode md5 ******"},
      {"ospf authentication-mode md5 1 plain abc", "ospf authentication-mode md5 1 plain ***"},
      {"rip authentication-mode md5 rfc2453 abc 1", "rip authentication-mode md5 rfc2453 *** 1"},
      {"vrrp vrid 1 authentication-mode simple abc", "vrrp vrid 1 authentication-mode simple ***"},
      {"sa string-key inbound esp abc", "sa string-key inbound esp ***"},
      {"crypto isakmp key abc address 10.0.0.1", "crypto isakmp key *** address 10.0.0.1"},
      {"peer 10.0.0.1 password cipher abc", "peer 10.0.0.1 password cipher ***"},
      // These hide none.
      {"authentication-mode password", ""},
      {"ssh user a authentication-type password assign x", ""},
      {"gre key 12", ""},
      {"esp authentication-algorithm md5", ""},
      {"interface s 0/0/0", ""},
      {"rule 0 permit ip s 10.0.0.1 0", ""},
      {"apply community 100:1", ""},
      {"public-key local create rsa", ""},
      {"hotkey CTRL_G display ike sa", ""},
  };
  for (const auto& [line, masked] : kLines) EXPECT_EQ(MaskSecrets(line), masked.empty() ? line : masked);
}

// A word that a setting declares as a secret is also one where the line is not understood.
TEST(Mask, KnowsTheSecretsOfEveryCommandByItsWords) {
  const Grammar grammar = std::move(*BuildGrammar());
  std::size_t secrets = 0;
  for (const Grammar::Entry& entry : grammar.entries()) {
    const configdb::Table* table = configdb::FindTable(entry.command->table);
    if (table == nullptr) continue;
    for (std::uint16_t first : entry.form.first) {
      // Every way to the secret, through one keyword after the other.
      std::vector<std::pair<std::uint16_t, std::string>> open = {{first, ""}};
      for (int steps = 0; !open.empty() && steps < 2000; ++steps) {
        const auto [at, before] = open.back();
        open.pop_back();
        const Symbol& symbol = entry.form.terminals[at];
        const configdb::Column* column = configdb::FindColumn(*table, symbol.name);
        if (!symbol.keyword && column != nullptr && column->secret) {
          ++secrets;
          EXPECT_EQ(MaskSecrets(before + "hushhush"), before + "********");
          continue;
        }
        for (std::uint16_t next : symbol.next)
          if (next > at) open.emplace_back(next, before + (symbol.keyword ? symbol.word : "1") + " ");
      }
    }
  }
  EXPECT_GT(secrets, 10U);
}

}  // namespace
}  // namespace sw::cli
