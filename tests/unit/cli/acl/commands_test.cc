// Access control lists and time ranges as an operator meets them: what is typed, stored, shown and matched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/text.h"
#include "cli/replay/replay.h"
#include "device/acl/acl_table.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class AclCommands : public testing::Test {
 protected:
  AclCommands() { (void)bench_.Run("system-view"); }
  std::string Printed() { return *ConfigurationText(bench_.grammar, bench_.device->store()); }
  // The rule as the configuration shows it after these lines in a new advanced list.
  std::string After(const std::vector<std::string>& lines, const std::string& list = "3000") {
    bench_.RunAll({"#", "acl number " + list});
    for (const std::string& line : lines) said_ += bench_.Run(line);
    const std::string text = bench_.Run("display this");
    const std::size_t head = text.find('\n', text.find("acl number"));
    return text.substr(head + 1, text.rfind("#\n") - head - 1);
  }
  ipsec::AclVerdict Match(int number, Ipv4 source, std::uint8_t protocol = 17, std::uint16_t port = 53) {
    ipsec::AclPacket packet;
    packet.source = source;
    packet.destination = Ipv4(10, 9, 9, 9);
    packet.protocol = protocol;
    packet.upper = true;
    packet.destination_port = port;
    return bench_.device->acls().Find(number)->Match(packet);
  }
  TestBench bench_;
  std::string said_;
};

TEST_F(AclCommands, ViewsByNumber) {
  for (const auto& [number, prompt] :
       {std::pair("1000", "[SecBlade_VPN-acl-if-1000]"), std::pair("2000", "[SecBlade_VPN-acl-basic-2000]"),
        std::pair("3000", "[SecBlade_VPN-acl-adv-3000]"), std::pair("4000", "[SecBlade_VPN-acl-ethernetframe-4000]")}) {
    (void)bench_.Run(std::string("acl number ") + number);
    EXPECT_EQ(bench_.prompt(), prompt);
  }
  EXPECT_THAT(bench_.Run("acl number 999"), HasSubstr("Wrong parameter"));
  EXPECT_THAT(bench_.Run("acl number"), HasSubstr("Incomplete"));
}

TEST_F(AclCommands, ARuleIsMergedOverTheOneOfItsNumber) {
  EXPECT_EQ(After({"rule 1 deny ip source 1.1.1.1 0", "rule 1 deny ip destination 2.2.2.1 0"}),
            " rule 1 deny ip source 1.1.1.1 0 destination 2.2.2.1 0\n");
  EXPECT_EQ(After({"rule 1 permit ip source any"}), " rule 1 permit ip destination 2.2.2.1 0\n");
}

TEST_F(AclCommands, UndoTakesAwayPartsOrAll) {
  EXPECT_EQ(After({"rule 7 permit tcp source 1.1.1.0 0.0.0.255 destination-port range 20 21 established logging",
                   "undo rule 7 destination-port logging"}),
            " rule 7 permit tcp source 1.1.1.0 0.0.0.255 established\n");
  EXPECT_EQ(After({"undo rule 7"}), "");
  EXPECT_THAT(bench_.Run("undo rule 7"), HasSubstr("The rule does not exist."));
}

TEST_F(AclCommands, NumbersAreGivenInTurnAndTwiceTheSameRuleIsOne) {
  EXPECT_EQ(After({"rule permit ip source 1.1.1.1 0", "rule 5 deny ip", "rule permit udp"}),
            " rule 0 permit ip source 1.1.1.1 0\n rule 5 deny ip\n rule 6 permit udp\n");
  EXPECT_EQ(bench_.OutcomeOf("rule permit udp"), Outcome::kUnchanged);
  EXPECT_EQ(After({"rule 65534 permit icmp", "rule permit tcp"}),
            " rule 0 permit ip source 1.1.1.1 0\n rule 1 permit tcp\n rule 5 deny ip\n rule 6 permit udp\n"
            " rule 65534 permit icmp\n");
}

TEST_F(AclCommands, NamesAndNumbersMeanTheSame) {
  EXPECT_EQ(
      After({"rule 0 permit 6 source-port neq 80 destination-port eq 23", "rule 1 permit udp destination-port eq 53",
             "rule 2 permit icmp icmp-type 8 0", "rule 3 deny icmp icmp-type 13 7", "rule 4 permit 89 dscp 46",
             "rule 5 permit ip precedence critical tos 8", "rule 6 deny 200 fragment",
             "rule 7 permit 1 icmp-type host-unreachable"}),
      " rule 0 permit tcp source-port neq www destination-port eq telnet\n"
      " rule 1 permit udp destination-port eq dns\n rule 2 permit icmp icmp-type echo\n"
      " rule 3 deny icmp icmp-type 13 7\n rule 4 permit ospf dscp ef\n"
      " rule 5 permit ip precedence critical tos min-delay\n rule 6 deny 200 fragment\n"
      " rule 7 permit icmp icmp-type host-unreachable\n");
  EXPECT_EQ(said_, "");
}

TEST_F(AclCommands, PartsThatDoNotGoTogetherAreRefused) {
  bench_.RunAll({"acl number 3000", "rule 1 permit tcp destination-port eq 23 established"});
  EXPECT_THAT(bench_.Run("rule 1 permit ip"), HasSubstr("Ports are for tcp and udp only"));
  EXPECT_THAT(bench_.Run("rule 2 permit ip dscp ef tos 8"), HasSubstr("not both"));
  EXPECT_THAT(bench_.Run("rule 2 permit ip destination-port eq 23"), HasSubstr("Unrecognized"));
  EXPECT_THAT(bench_.Run("rule 2 permit udp established"), HasSubstr("Unrecognized"));
  EXPECT_THAT(bench_.Run("rule 2 permit udp destination-port eq telnet"), HasSubstr("Wrong parameter"));
  EXPECT_THAT(bench_.Run("rule 65535 permit udp"), HasSubstr("Wrong parameter"));
  EXPECT_THAT(bench_.Run("rule 2 permit 256"), HasSubstr("Wrong parameter"));
  EXPECT_EQ(After({}), " rule 1 permit tcp destination-port eq telnet established\n");
}

TEST_F(AclCommands, TheOtherKindsOfLists) {
  EXPECT_EQ(After({"rule permit source 10.1.0.0 0.0.255.255 fragment", "rule deny"}, "2000"),
            " rule 0 permit source 10.1.0.0 0.0.255.255 fragment\n rule 1 deny\n");
  EXPECT_EQ(After({"rule permit interface GigabitEthernet 0/0.1 logging", "rule deny interface any"}, "1000"),
            " rule 0 permit interface GigabitEthernet0/0.1 logging\n rule 1 deny interface any\n");
  EXPECT_EQ(After({"rule deny type 806 ffff source-mac 00e0-fc01-0 ffff-ffff-ffff"}, "4000"),
            " rule 0 deny type 0806 ffff source-mac 00e0-fc01-0000 ffff-ffff-ffff\n");
  EXPECT_THAT(bench_.Run("rule 0 deny lsap aaaa ffff"), HasSubstr("not both"));
}

TEST_F(AclCommands, MatchOrderIsChosenBeforeTheFirstRule) {
  (void)After({"rule permit"}, "2000");
  EXPECT_THAT(bench_.Run("acl number 2000 match-order auto"), HasSubstr("only while the ACL has no rules"));
  bench_.RunAll({"acl number 2001 match-order auto", "rule 0 permit", "rule 1 deny source 1.1.1.1 0"});
  EXPECT_EQ(Match(2001, Ipv4(1, 1, 1, 1)).rule, 1);
  EXPECT_THAT(bench_.Run("rule 0 permit logging"), HasSubstr("match order is auto"));
  EXPECT_THAT(Printed(), HasSubstr("acl number 2001 match-order auto\n rule 0 permit\n"));
  EXPECT_THAT(bench_.Run("display acl 2001"),
              HasSubstr("Basic ACL 2001, 2 rules, match-order is auto\nAcl's step is 1\n"
                        " rule 1 deny source 1.1.1.1 0 (1 times matched)\n"
                        " rule 0 permit (0 times matched)\n"));
}

TEST_F(AclCommands, TheMatcherFollowsEveryCommitAndCounts) {
  bench_.RunAll(
      {"acl number 3000", "rule 1 permit udp source 10.1.1.0 0.0.0.255 destination-port eq dns", "rule 2 deny ip"});
  EXPECT_EQ(Match(3000, Ipv4(10, 1, 1, 7)).rule, 1);
  EXPECT_EQ(Match(3000, Ipv4(10, 1, 2, 7)).decision, ipsec::AclDecision::kDeny);
  EXPECT_THAT(bench_.Run("display acl all"),
              HasSubstr(" Total quantity of nonempty ACL number is 1\n\nAdvanced ACL 3000, 2 rules\nAcl's step is 1\n"
                        " rule 1 permit udp source 10.1.1.0 0.0.0.255 destination-port eq dns (1 times matched)\n"));
  bench_.RunAll({"undo rule 1", "return", "reset acl counter 3000"});
  EXPECT_EQ(Match(3000, Ipv4(10, 1, 1, 7)).rule, 2);
  EXPECT_THAT(bench_.Run("display acl 3000"), HasSubstr("Advanced ACL 3000, 1 rule\n"));
  EXPECT_THAT(bench_.Run("display acl 3000"), HasSubstr("rule 2 deny ip (1 times matched)"));
  EXPECT_THAT(bench_.Run("display acl 3001"), HasSubstr("The ACL does not exist"));
  bench_.RunAll({"system-view", "undo acl number 3000"});
  EXPECT_EQ(bench_.device->acls().Find(3000), nullptr);
}

TEST_F(AclCommands, AListThatIsUsedIsNotRemoved) {
  bench_.RunAll({"acl number 3000", "rule permit ip", "interface tunnel 0", "dvpn security acl 3000", "#"});
  EXPECT_THAT(bench_.Run("undo acl number 3000"), HasSubstr("ACL 3000 is used by interface Tunnel0"));
  EXPECT_THAT(bench_.Run("undo acl all"), HasSubstr("is used by"));
  EXPECT_THAT(Printed(), HasSubstr("acl number 3000\n rule 0 permit ip\n"));
  bench_.RunAll({"interface tunnel 0", "undo dvpn security acl", "acl number 3000", "undo acl all"});
  EXPECT_THAT(Printed(), Not(HasSubstr("acl number")));
  EXPECT_EQ(bench_.prompt(), "[SecBlade_VPN]") << "the view went with its list";
}

TEST_F(AclCommands, WhoeverNamesAListKeepsIt) {
  bench_.RunAll({"user-interface vty 0", "acl 2000 inbound", "ipsec policy-template t 1", "security acl 3000", "quit"});
  EXPECT_THAT(Printed(), HasSubstr("acl 2000 inbound\n")) << "before it is made";
  bench_.RunAll({"acl number 2000", "acl number 3000", "#"});
  EXPECT_THAT(bench_.Run("undo acl number 2000"), HasSubstr("ACL 2000 is used by user-interface vty 0"));
  EXPECT_THAT(bench_.Run("undo acl number 3000"), HasSubstr("ACL 3000 is used by ipsec policy-template t 1"));
  bench_.RunAll({"user-interface vty 0", "undo acl inbound", "undo acl number 2000"});
  EXPECT_THAT(Printed(), Not(HasSubstr("acl number 2000")));
}

TEST_F(AclCommands, HelpNamesThePorts) {
  (void)bench_.Run("acl number 3000");
  std::string help;
  bench_.session->Help("rule permit tcp destination-port eq ", [&](std::string text) { help = std::move(text); });
  EXPECT_THAT(help, HasSubstr("  telnet            Port 23\n"));
  EXPECT_THAT(help, HasSubstr("  INTEGER<0-65535>  Port\n"));
  bench_.session->Help("rule permit ", [&](std::string text) { help = std::move(text); });
  EXPECT_THAT(help, Not(HasSubstr("INTEGER<6-6>")));
}

TEST_F(AclCommands, TimeRangesOpenAndCloseRules) {
  // The bench's clock stands at 2011-01-01 19:35:31 UTC, a Saturday.
  bench_.RunAll({"time-range night 19:00 to 24:00 off-day", "time-range day 8:0 to 18:00 Fri Mon", "acl number 2000",
                 "rule permit source 1.1.1.1 0 time-range night", "rule deny time-range day"});
  EXPECT_EQ(Match(2000, Ipv4(1, 1, 1, 1)).rule, 0);
  EXPECT_EQ(Match(2000, Ipv4(2, 2, 2, 2)).decision, ipsec::AclDecision::kNone);
  EXPECT_THAT(bench_.Run("display acl 2000"), HasSubstr("rule 1 deny time-range day (0 times matched) (Inactive)\n"));
  EXPECT_EQ(bench_.Run("display time-range all"),
            "Current time is 19:35:31 1/1/2011 Saturday\n\nTime-range : day ( Inactive )\n 08:00 to 18:00 Mon Fri\n"
            "\nTime-range : night ( Active )\n 19:00 to 24:00 off-day\n");
  EXPECT_THAT(bench_.Run("display time-range x"), HasSubstr("does not exist"));
  bench_.RunAll({"#", "undo time-range night"});
  EXPECT_EQ(Match(2000, Ipv4(1, 1, 1, 1)).decision, ipsec::AclDecision::kNone);
}

TEST_F(AclCommands, TimeRangesHaveSections) {
  bench_.RunAll({"time-range t 8:00 to 9:00 working-day", "time-range t from 12:00 2008/1/1 to 12:00 6/1/2008",
                 "time-range t to 0:0 1/1/2035"});
  EXPECT_THAT(Printed(), HasSubstr("#\n time-range t to 00:00 01/01/2035\n"
                                   " time-range t from 12:00 01/01/2008 to 12:00 06/01/2008\n"
                                   " time-range t 08:00 to 09:00 working-day\n"));
  EXPECT_EQ(bench_.OutcomeOf("undo time-range t 8:00 to 9:00 working-day"), Outcome::kChanged);
  EXPECT_THAT(Printed(), Not(HasSubstr("working-day")));
  EXPECT_THAT(bench_.Run("time-range t"), HasSubstr("Say when"));
  EXPECT_THAT(bench_.Run("time-range t 9:00 to 8:00 daily"), HasSubstr("before it begins"));
  EXPECT_THAT(bench_.Run("time-range t from 0:0 1/1/2010 to 0:0 1/1/2009"), HasSubstr("before it begins"));
  EXPECT_THAT(bench_.Run("time-range t 9:00 to 10:00"), HasSubstr("Incomplete"));
  EXPECT_EQ(bench_.OutcomeOf("undo time-range t"), Outcome::kChanged);
  EXPECT_THAT(bench_.Run("undo time-range t"), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace sw::cli
