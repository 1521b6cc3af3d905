// DVPN tunnels of whole devices in virtual time: the routes of a tunnel, and two clients as their server sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/site.h"

namespace sw::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kServer =
    "dvpn service enable\ninterface Tunnel0\n tunnel-protocol udp dvpn\n ip address 10.0.0.1 255.255.255.0\n"
    " source GigabitEthernet0/0\n dvpn interface-type server\n dvpn dvpn-id 1\nquit";

TEST(DvpnLab, TheRoutesOfADownTunnelLeaveTheTableWithItAndComeBack) {
  World world;
  Site site(world, 1);
  site.Configure(kServer);
  site.Configure("ip route-static 10.9.0.0 16 10.0.0.9\nip route-static 10.8.0.0 16 Tunnel0");
  const auto table = [&] {
    world.scheduler.RunFor(10ms);
    return site.Run("display ip routing-table");
  };
  const auto there = [&](bool expected) {
    for (const char* network : {"10.0.0.0/24", "10.0.0.1/32", "10.9.0.0/16", "10.8.0.0/16"}) {
      if (expected)
        EXPECT_THAT(table(), HasSubstr(network));
      else
        EXPECT_THAT(table(), Not(HasSubstr(network)));
    }
    EXPECT_THAT(site.Run("display interface Tunnel 0"),
                HasSubstr(expected ? "Line protocol current state: UP" : "Line protocol current state: DOWN"));
  };
  there(true);
  const std::pair<const char*, const char*> ways[] = {
      {"dvpn service disable", "dvpn service enable"},
      {"interface Tunnel0\n shutdown", "interface Tunnel0\n undo shutdown"},
      {"interface Tunnel0\n undo source", "interface Tunnel0\n source GigabitEthernet0/0"},
      {"interface Tunnel0\n undo dvpn dvpn-id", "interface Tunnel0\n dvpn dvpn-id 1"},
  };
  for (const auto& [down, up] : ways) {
    SCOPED_TRACE(down);
    site.Configure(down);
    there(false);
    site.Configure(up);
    there(true);
  }
}

TEST(DvpnLab, WhyOfTwoClientsIsAnsweredByTheirServer) {
  World world;
  Site site(world, 1);
  site.Configure(kServer);
  EXPECT_THAT(site.Run("display dvpn why 10.0.0.2 10.0.0.3"), HasSubstr("10.0.0.2 is not registered"));
  EXPECT_THAT(site.Run("display dvpn why 172.16.0.1 10.0.0.3"),
              HasSubstr("this device is no server of a domain with 172.16.0.1 and 10.0.0.3"));
  EXPECT_THAT(site.Run("display dvpn why 10.0.0.2 10.0.0.3 | json"), HasSubstr("10.0.0.3 is not registered"));
}

}  // namespace
}  // namespace sw::testing
