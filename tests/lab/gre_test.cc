// A GRE tunnel between two lab devices, configured line by line, in virtual time: what it carries, what takes it down
// and brings it back, and IPsec policies in it and below it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "device/ipsec/host.h"
#include "hal/ports/ipv4.h"
#include "tests/lab/site.h"

namespace sw {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::Site;
using testing::World;

constexpr const char* kAes = " esp encryption-algorithm aes\n esp authentication-algorithm sha1\n";

// 10.0.0.N in the tunnel, through which the other network is reached.
class GreTunnels : public ::testing::Test {
 protected:
  GreTunnels() {
    world_.outside.SetTap([this](Time, const hal::Frame& frame) {
      if (const auto header = hal::ParseIpv4(frame.packet->data())) ++seen_[header->protocol];
    });
    for (unsigned n : {1U, 2U}) {
      const unsigned other = 3 - n;
      At(n).Configure(
          fmt::format("interface Tunnel0\n ip address 10.0.0.{0} 24\n source 192.0.2.{0}\n"
                      " destination 192.0.2.{1}\nquit\n"
                      "undo ip route-static 10.1.{1}.0 255.255.255.0 192.0.2.{1}\n"
                      "ip route-static 10.1.{1}.0 255.255.255.0 10.0.0.{1}",
                      n, other));
    }
  }
  Site& At(unsigned n) { return n == 1 ? a_ : b_; }
  void Both(const std::string& lines) {
    a_.Configure(lines);
    b_.Configure(lines);
  }
  // Of three pings from network to network.
  int Answers(const std::string& options = "") {
    seen_.clear();
    const std::string text = a_.Run("ping -t 500 -a 10.1.1.1 -c 3 " + options + " 10.1.2.1");
    for (int n : {1, 2, 3})
      if (text.find(fmt::format("{} packet(s) received", n)) != std::string::npos) return n;
    return 0;
  }
  std::string Shown(unsigned n = 1) { return At(n).Run("display interface Tunnel 0"); }

  World world_;
  Site a_{world_, 1}, b_{world_, 2};
  std::map<int, int> seen_;  // frames outside, by protocol
};

TEST_F(GreTunnels, AnMtuBeyondWhatTunnelsCarryCountsAsTheMost) {
  a_.Configure("interface Tunnel0\n mtu 64000\ninterface Tunnel1\n tunnel-protocol udp dvpn\n mtu 64000\n mtu 1921");
  EXPECT_THAT(Shown(), HasSubstr("Unit is 1896"));
  EXPECT_THAT(a_.Run("display interface Tunnel 1"), HasSubstr("Unit is 1920"));
  EXPECT_THAT(a_.Run("display current-configuration"), HasSubstr(" mtu 1921"));
}

TEST_F(GreTunnels, CarryPingsOfEverySize) {
  EXPECT_EQ(Answers(), 3);
  EXPECT_EQ(seen_, (std::map<int, int>{{47, 6}}));
  EXPECT_EQ(Answers("-s 1400"), 3);
  EXPECT_EQ(Answers("-s 1448"), 3);  // 1476 bytes: as large as fits
  EXPECT_EQ(seen_, (std::map<int, int>{{47, 6}}));
  EXPECT_EQ(Answers("-s 1700"), 3);
  EXPECT_EQ(seen_, (std::map<int, int>{{47, 12}}));
  EXPECT_THAT(b_.Run("ping -a 10.1.2.1 -c 2 10.1.1.1"), HasSubstr("2 packet(s) received"));
}

TEST_F(GreTunnels, AreShownWithWhatTheyCarried) {
  EXPECT_EQ(Answers(), 3);
  EXPECT_THAT(Shown(), HasSubstr("Tunnel0 current state: UP\nLine protocol current state: UP\n"));
  EXPECT_THAT(Shown(), HasSubstr("The Maximum Transmit Unit is 1476\n"));
  EXPECT_THAT(Shown(), HasSubstr("Tunnel source 192.0.2.1, destination 192.0.2.2\n"
                                 "Tunnel protocol/transport GRE/IP, key disabled\n"
                                 "Checksumming of packets disabled\n"
                                 "Tunnel keepalive disabled\n"));
  EXPECT_THAT(Shown(), HasSubstr("    3 packets input,  252 bytes\n    0 input error\n"
                                 "    3 packets output,  252 bytes\n    0 output error\n"));
  a_.Run("reset counters interface Tunnel 0");
  EXPECT_THAT(Shown(), HasSubstr("    0 packets input,  0 bytes\n"));
  Both("interface Tunnel0\n gre key 4294967295\n gre checksum");
  EXPECT_THAT(Shown(), HasSubstr("The Maximum Transmit Unit is 1468\n"));
  EXPECT_THAT(Shown(), HasSubstr("GRE/IP, key 4294967295\nChecksumming of packets enabled\n"));
  EXPECT_EQ(Answers("-s 1440"), 3);
  EXPECT_EQ(seen_, (std::map<int, int>{{47, 6}}));
}

TEST_F(GreTunnels, NeedTheSameKey) {
  a_.Configure("interface Tunnel0\n gre key 1");
  b_.Configure("interface Tunnel0\n gre key 2");
  EXPECT_EQ(Answers(), 0);
  EXPECT_THAT(Shown(2), HasSubstr("    3 input error\n"));
  EXPECT_THAT(Shown(2), HasSubstr("    3 dropped: wrong key\n"));
  b_.Configure("interface Tunnel0\n gre key 1");
  EXPECT_EQ(Answers(), 3);
}

TEST_F(GreTunnels, TakePacketsFromTheirDestinationOnly) {
  b_.Configure("interface Tunnel0\n destination 192.0.2.9");
  EXPECT_EQ(Answers(), 0);
  EXPECT_THAT(Shown(2), HasSubstr("    3 dropped: from another address than the tunnel's destination\n"));
}

TEST_F(GreTunnels, ComeAndGoWithTheirConfiguration) {
  a_.Configure("interface Tunnel0\n shutdown");
  EXPECT_EQ(Answers(), 0);
  a_.Configure("interface Tunnel0\n undo shutdown\n undo source");
  EXPECT_THAT(Shown(), HasSubstr("Last reason of the line protocol: no source is configured\n"));
  EXPECT_EQ(Answers(), 0);
  a_.Configure("interface Tunnel0\n source GigabitEthernet0/0");
  EXPECT_EQ(Answers(), 3);
  a_.Configure("interface Tunnel0\n undo destination");
  EXPECT_THAT(Shown(), HasSubstr("no destination is configured\n"));
  a_.Configure("interface Tunnel0\n destination 192.0.2.2");
  EXPECT_EQ(Answers(), 3);
  a_.Configure("interface Tunnel0\n tunnel-protocol udp dvpn");
  EXPECT_EQ(Answers(), 0);
  a_.Configure("interface Tunnel0\n undo tunnel-protocol");
  EXPECT_EQ(Answers(), 3);
  a_.Configure("undo interface Tunnel0");
  EXPECT_EQ(Answers(), 0);
  a_.Configure("interface Tunnel0\n ip address 10.0.0.1 24\n source 192.0.2.1\n destination 192.0.2.2");
  EXPECT_EQ(Answers(), 3);
}

TEST_F(GreTunnels, OfTheSameEndsAreRefused) {
  const std::string refused = a_.Refused("interface Tunnel1\n source GigabitEthernet0/0\n destination 192.0.2.2");
  EXPECT_THAT(refused, HasSubstr("Tunnel1 needs a source or destination other than that of Tunnel0"));
}

TEST_F(GreTunnels, WhoseRouteLeadsIntoThemselvesCarryNothing) {
  const std::string route = "ip route-static 192.0.2.2 255.255.255.255 10.0.0.2";
  a_.Configure(route);
  EXPECT_THAT(Shown(), HasSubstr("the route to destination 192.0.2.2 leads into a tunnel that needs it\n"));
  EXPECT_EQ(Answers(), 0);
  EXPECT_THAT(Shown(), HasSubstr("    3 dropped: the route to the tunnel's destination leads into a tunnel\n"));
  EXPECT_EQ(seen_, (std::map<int, int>{}));
  a_.Configure("undo " + route);
  EXPECT_EQ(Answers(), 3);
}

TEST_F(GreTunnels, InsideOfEachOtherCarryNothing) {
  a_.Configure(
      "interface Tunnel1\n ip address 10.0.1.1 24\n source LoopBack0\n destination 198.51.100.1\nquit\n"
      "ip route-static 198.51.100.1 255.255.255.255 10.0.0.2");
  EXPECT_THAT(a_.Run("display interface Tunnel 1"), HasSubstr("Line protocol current state: UP\n"));
  a_.Configure("ip route-static 192.0.2.2 255.255.255.255 10.0.1.2");
  EXPECT_EQ(Answers(), 0);
  EXPECT_THAT(a_.Run("ping -t 100 -c 1 10.0.1.2"), HasSubstr("0 packet(s) received"));
  EXPECT_EQ(seen_, (std::map<int, int>{}));
}

TEST_F(GreTunnels, WithKeepalivesGoDownWithTheOtherEndAndComeBack) {
  const std::string other_way = "ip route-static 10.1.{0}.0 255.255.255.0 192.0.2.{0} preference 100";
  a_.Configure(fmt::format(fmt::runtime(other_way), 2) + "\ninterface Tunnel0\n keepalive 5 2");
  b_.Configure(fmt::format(fmt::runtime(other_way), 1));
  world_.scheduler.RunFor(seconds(60));
  EXPECT_THAT(Shown(), HasSubstr("Line protocol current state: UP\n"));
  EXPECT_THAT(Shown(), HasSubstr("down after 2 unanswered: 13 sent, 13 answered\n"));
  EXPECT_EQ(Answers(), 3);
  EXPECT_EQ(seen_[1], 0);
  b_.Configure("interface Tunnel0\n shutdown");
  world_.scheduler.RunFor(seconds(9));
  EXPECT_THAT(Shown(), HasSubstr("Line protocol current state: UP\n"));
  world_.scheduler.RunFor(seconds(6));
  EXPECT_THAT(Shown(), HasSubstr("Line protocol current state: DOWN\n"));
  EXPECT_THAT(Shown(), HasSubstr("Last reason of the line protocol: 2 keepalives were not answered\n"));
  EXPECT_EQ(Answers(), 3);  // by the other way
  EXPECT_EQ(seen_[1], 6);
  b_.Configure("interface Tunnel0\n undo shutdown");
  world_.scheduler.RunFor(seconds(5));
  EXPECT_THAT(Shown(), HasSubstr("Line protocol current state: UP\n"));
  EXPECT_EQ(Answers(), 3);
  EXPECT_EQ(seen_[1], 0);
}

TEST_F(GreTunnels, AreProtectedByAPolicyOnThePort) {
  for (unsigned n : {1U, 2U})
    At(n).ProtectBy(fmt::format("rule permit gre source 192.0.2.{} 0 destination 192.0.2.{} 0", n, 3 - n), kAes, false,
                    true);
  EXPECT_EQ(Answers(), 3);
  EXPECT_EQ(seen_, (std::map<int, int>{{50, 6}}));
  EXPECT_EQ(Answers("-s 1700"), 3);
  EXPECT_EQ(seen_.count(47), 0U);
  EXPECT_EQ(a_.device().ipsec().gateway().statistics().clear_dropped, 0U);
  // What comes in clear though the policy has it is dropped.
  a_.Configure("interface GigabitEthernet0/0\n undo ipsec policy");
  EXPECT_EQ(Answers(), 0);
  EXPECT_EQ(b_.device().ipsec().gateway().statistics().clear_dropped, 3U);
}

TEST_F(GreTunnels, CarryWhatAPolicyOnThemProtects) {
  for (unsigned n : {1U, 2U})
    At(n).ProtectBy(fmt::format("rule permit ip source 10.1.{}.0 0.0.0.255 destination 10.1.{}.0 0.0.0.255", n, 3 - n),
                    kAes, false, true, "10.0.0.{}", "Tunnel0");
  EXPECT_EQ(Answers(), 3);
  EXPECT_EQ(seen_, (std::map<int, int>{{47, 6}}));
  const ipsec::Statistics& seen = b_.device().ipsec().gateway().statistics();
  EXPECT_EQ(seen.in.packets, 3U);
  EXPECT_EQ(seen.out.packets, 3U);
  EXPECT_THAT(a_.Run("ping -c 2 10.0.0.2"), HasSubstr("2 packet(s) received"));  // no policy has that
  EXPECT_EQ(seen.in.packets, 3U);
  a_.Configure("interface Tunnel0\n shutdown\n undo shutdown");
  EXPECT_EQ(Answers(), 3);
}

}  // namespace
}  // namespace sw
