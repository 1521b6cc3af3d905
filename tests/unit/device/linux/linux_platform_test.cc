// Addresses, links and routes on the real kernel, each test in a network namespace of its own; skipped for ordinary
// users.
#include "device/linux/linux_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/linux/mender.h"
#include "tests/unit/device/in_namespace.h"
#include "tests/unit/device/linux/platform_fixture.h"

namespace sw::device {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(LinuxPlatform, AddsAddressesAndTakesThemBack) {
  InNamespace([] {
    Sh("ip address add 10.0.0.1/24 dev port");
    Sh("ip address add 10.9.0.1/24 dev port");
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24), P(10, 1, 0, 1, 24)})).ok());
    ASSERT_TRUE(platform->SetInterface(Settings("LoopBack0", {P(192, 168, 1, 1, 32)})).ok());
    EXPECT_THAT(Sh("ip -4 address"), HasSubstr("10.1.0.1/24"));
    EXPECT_THAT(Sh("ip -4 address show lo"), HasSubstr("192.168.1.1/32"));
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24), P(10, 2, 0, 1, 24)})).ok());
    EXPECT_THAT(Sh("ip -4 address show port"), Not(HasSubstr("10.1.0.1")));
    platform.reset();
    const std::string left = Sh("ip -4 address");
    EXPECT_THAT(left, HasSubstr("10.0.0.1/24")) << "was there before";
    EXPECT_THAT(left, HasSubstr("10.9.0.1/24")) << "is somebody else's";
    EXPECT_THAT(left, Not(HasSubstr("10.2.0.1")));
    EXPECT_THAT(left, Not(HasSubstr("192.168.1.1")));
  });
}

TEST(LinuxPlatform, ANewPrimaryOfTheSameNetworkReplacesTheOldOne) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24), P(10, 0, 0, 2, 24)})).ok());
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 2, 24)})).ok());
    EXPECT_THAT(Sh("ip -4 address show port"), HasSubstr("10.0.0.2/24"));
    EXPECT_THAT(Sh("ip -4 address show port"), Not(HasSubstr("10.0.0.1/24")));
  });
}

TEST(LinuxPlatform, MtuAndStateOfALinkArePutBack) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    InterfaceSettings s = Settings("GigabitEthernet0/0", {}, 1300);
    s.up = false;
    ASSERT_TRUE(platform->SetInterface(s).ok());
    EXPECT_THAT(Sh("ip link show port"), HasSubstr("mtu 1300"));
    EXPECT_THAT(Sh("ip link show port"), HasSubstr("state DOWN"));
    ASSERT_THAT(platform->interfaces(), SizeIs(1));
    EXPECT_FALSE(platform->interfaces()[0].up);
    EXPECT_EQ(platform->interfaces()[0].mtu, 1300);
    platform.reset();
    EXPECT_THAT(Sh("ip link show port"), HasSubstr("mtu 1500"));
    EXPECT_THAT(Sh("ip link show port"), HasSubstr("<BROADCAST,MULTICAST,UP"));
  });
}

TEST(LinuxPlatform, KnowsWherePacketsLeave) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)}, 1300)).ok());
    ASSERT_TRUE(platform->AddRoute({P(10, 7, 0, 0, 16), {}, "NULL0", 60, false}).ok());
    EXPECT_TRUE(platform->HasAddress(Ipv4(10, 0, 0, 1)));
    EXPECT_FALSE(platform->HasAddress(Ipv4(10, 0, 0, 2)));
    std::optional<Exit> exit;  // once the kernel has seen the carrier
    ASSERT_TRUE(loop.RunUntil([&] { return (exit = platform->ExitTo(Ipv4(10, 0, 0, 2))).has_value(); }, kPatience));
    EXPECT_EQ(exit->interface, "GigabitEthernet0/0");
    EXPECT_EQ(exit->mtu, 1300);
    for (const Ipv4 none : {Ipv4(10, 0, 0, 1), Ipv4(10, 7, 0, 1), Ipv4(192, 0, 2, 1)})
      EXPECT_FALSE(platform->ExitTo(none)) << none.ToString();
    Sh("ip link set peer down");  // no carrier
    EXPECT_TRUE(loop.RunUntil([&] { return !platform->ExitTo(Ipv4(10, 0, 0, 2)); }, kPatience));
  });
}

TEST(LinuxPlatform, StaticRoutesComeAndGoAndWaitForTheirNextHop) {
  InNamespace([] {
    Sh("ip route add 198.51.100.0/24 dev lo");
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    const StaticRoute route{P(10, 5, 0, 0, 16), Ipv4(10, 0, 0, 2), {}, 70, false};
    const StaticRoute recursive{P(10, 6, 0, 0, 16), Ipv4(10, 5, 0, 9), {}, 60, false};
    ASSERT_TRUE(platform->AddRoute(recursive).ok());
    ASSERT_TRUE(platform->AddRoute(route).ok());
    ASSERT_TRUE(platform->AddRoute({P(10, 7, 0, 0, 16), {}, "NULL0", 60, false}).ok());
    ASSERT_TRUE(platform->AddRoute({P(10, 8, 0, 0, 16), {}, {}, 60, true}).ok());
    EXPECT_THAT(Sh("ip route"), Not(HasSubstr("10.5.0.0/16")));
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    const std::string table = Sh("ip route");
    EXPECT_THAT(table, HasSubstr("10.5.0.0/16 via 10.0.0.2 dev port proto 88 metric 70"));
    EXPECT_THAT(table, HasSubstr("10.6.0.0/16 via 10.0.0.2 dev port proto 88 metric 60"));
    EXPECT_THAT(table, HasSubstr("blackhole 10.7.0.0/16"));
    EXPECT_THAT(table, HasSubstr("unreachable 10.8.0.0/16"));
    EXPECT_THAT(Lines(*platform),
                testing::IsSupersetOf({std::string("10.0.0.0/24 DIRECT 0 10.0.0.1 GigabitEthernet0/0"),
                                       std::string("10.0.0.1/32 DIRECT 0 127.0.0.1 InLoopBack0"),
                                       std::string("10.5.0.0/16 STATIC 70 10.0.0.2 GigabitEthernet0/0"),
                                       std::string("10.7.0.0/16 STATIC 60 0.0.0.0 NULL0")}));
    // The kernel drops routes with their link, silently; they come back with it.
    Sh("ip link set port down");
    EXPECT_THAT(Sh("ip route"), Not(HasSubstr("10.5.0.0/16")));
    Sh("ip link set port up");
    ASSERT_TRUE(loop.RunUntil([&] { return Sh("ip route").find("10.5.0.0/16") != std::string::npos; }, kPatience));
    ASSERT_TRUE(platform->RemoveRoute(route).ok());
    EXPECT_THAT(Sh("ip route"), Not(HasSubstr("10.5.0.0/16")));
    EXPECT_THAT(Sh("ip route"), Not(HasSubstr("10.6.0.0/16"))) << "its next hop went with it";
    EXPECT_EQ(platform->RemoveRoute(route).code(), Code::kNotFound);
    platform.reset();
    const std::string left = Sh("ip route");
    EXPECT_THAT(left, HasSubstr("198.51.100.0/24"));
    EXPECT_THAT(left, Not(HasSubstr("proto 88")));
  });
}

TEST(LinuxPlatform, TwoNextHopsOfOnePreferenceShareOneRoute) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    const StaticRoute one{P(10, 5, 0, 0, 16), Ipv4(10, 0, 0, 2), {}, 60, false};
    StaticRoute two = one;
    two.next_hop = Ipv4(10, 0, 0, 3);
    ASSERT_TRUE(platform->AddRoute(one).ok());
    ASSERT_TRUE(platform->AddRoute(two).ok());
    EXPECT_THAT(Sh("ip route"), testing::AllOf(HasSubstr("nexthop via 10.0.0.2"), HasSubstr("nexthop via 10.0.0.3")));
    ASSERT_TRUE(platform->RemoveRoute(one).ok());
    EXPECT_THAT(Sh("ip route"), HasSubstr("10.5.0.0/16 via 10.0.0.3"));
    ASSERT_TRUE(platform->RemoveRoute(two).ok());
    EXPECT_THAT(Sh("ip route"), Not(HasSubstr("10.5.0.0/16")));
  });
}

TEST(LinuxPlatform, APlaceThatAnotherProgramHoldsIsRefused) {
  InNamespace([] {
    Sh("ip address add 10.0.0.1/24 dev port && ip route add 10.5.0.0/16 via 10.0.0.9 metric 60");
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    EXPECT_EQ(platform->AddRoute({P(10, 5, 0, 0, 16), Ipv4(10, 0, 0, 2), {}, 60, false}).code(), Code::kExists);
    EXPECT_EQ(platform->AddRoute({P(10, 6, 0, 0, 16), Ipv4(10, 0, 0, 1), {}, 60, false}).code(), Code::kBadValue);
    platform.reset();
    EXPECT_THAT(Sh("ip route"), HasSubstr("10.5.0.0/16 via 10.0.0.9"));
  });
}

TEST(LinuxPlatform, WhatAKilledPredecessorLeftIsTakenOver) {
  InNamespace([] {
    const StaticRoute route{P(10, 5, 0, 0, 16), Ipv4(10, 0, 0, 2), {}, 60, false};
    const auto configure = [&route](LinuxPlatform& platform) {
      EXPECT_TRUE(platform.SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
      const Status vlan = platform.SetInterface(Settings("GigabitEthernet0/0.10", {P(10, 10, 0, 1, 24)}, 0, 10));
      EXPECT_TRUE(vlan.ok() || vlan.code() == Code::kUnsupported) << vlan.why();
      EXPECT_TRUE(platform.AddRoute(route).ok());
    };
    const pid_t predecessor = ::fork();
    if (predecessor == 0) {
      EventLoop loop;
      auto platform = OpenPlatform(loop);
      configure(*platform);
      ::_exit(0);  // no destructor runs, as after SIGKILL
    }
    ::waitpid(predecessor, nullptr, 0);
    ASSERT_THAT(Sh("ip route"), HasSubstr("10.5.0.0/16 via 10.0.0.2"));
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    configure(*platform);
    platform.reset();
    EXPECT_THAT(Sh("ip route"), IsEmpty());
    EXPECT_THAT(Sh("ip -4 address show port"), IsEmpty());
    EXPECT_THAT(Sh("ip link"), Not(HasSubstr("port.10")));
  });
}

TEST(LinuxPlatform, SubInterfacesAreVlanLinks) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0.1", {P(10, 10, 0, 1, 24)})).ok());
    EXPECT_THAT(Sh("ip link"), Not(HasSubstr("port.1")));
    const Status made = platform->SetInterface(Settings("GigabitEthernet0/0.1", {P(10, 10, 0, 1, 24)}, 0, 10));
    if (made.code() == Code::kUnsupported) ::_exit(kNoVlan);
    ASSERT_TRUE(made.ok()) << made.why();
    EXPECT_THAT(Sh("ip -d link show port.1"), HasSubstr("vlan protocol 802.1Q id 10"));
    EXPECT_THAT(Sh("ip address show port.1"), HasSubstr("10.10.0.1/24"));
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0.1", {P(10, 10, 0, 1, 24)}, 0, 20)).ok());
    EXPECT_THAT(Sh("ip -d link show port.1"), HasSubstr("id 20"));
    EXPECT_THAT(Sh("ip address show port.1"), HasSubstr("10.10.0.1/24"));
    EXPECT_EQ(platform->SetInterface(Settings("GigabitEthernet0/7.1", {}, 0, 10)).code(), Code::kNotFound);
    ASSERT_TRUE(platform->RemoveInterface("GigabitEthernet0/0.1").ok());
    EXPECT_THAT(Sh("ip link"), Not(HasSubstr("port.1")));
  });
}

TEST(LinuxPlatform, NextHopsOfARoutingDaemonAreSeen) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    auto tunnel = platform->OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {});
    ASSERT_TRUE(tunnel.ok());
    ASSERT_TRUE(platform->SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
    const auto next_hop = [&] { return (*tunnel)->Find(Ipv4(192, 168, 5, 5)); };
    Sh("ip route add 192.168.0.0/16 via 172.16.0.9 proto ospf metric 20");
    ASSERT_TRUE(loop.RunUntil([&] { return next_hop() == Ipv4(172, 16, 0, 9); }, kPatience));
    EXPECT_THAT(Lines(*platform), Contains("192.168.0.0/16 OSPF 0 172.16.0.9 Tunnel0"));
    Sh("ip route replace 192.168.0.0/16 via 172.16.0.8 proto ospf metric 20");
    ASSERT_TRUE(loop.RunUntil([&] { return next_hop() == Ipv4(172, 16, 0, 8); }, kPatience));
    Sh("ip route add 192.168.5.0/24 dev lo proto bgp");
    ASSERT_TRUE(loop.RunUntil([&] { return !next_hop(); }, kPatience));
    Sh("ip route del 192.168.5.0/24");
    ASSERT_TRUE(loop.RunUntil([&] { return next_hop() == Ipv4(172, 16, 0, 8); }, kPatience));
    Sh("ip route del 192.168.0.0/16");
    ASSERT_TRUE(loop.RunUntil([&] { return !next_hop(); }, kPatience));
  });
}

TEST(LinuxPlatform, ForwardingIsTurnedOnOnlyWhenAskedAndPutBack) {
  InNamespace([] {
    const auto forwarding = [] { return Sh("cat /proc/sys/net/ipv4/ip_forward"); };
    Sh("echo 0 > /proc/sys/net/ipv4/ip_forward");
    EventLoop loop;
    {
      auto platform = OpenPlatform(loop);
      EXPECT_EQ(forwarding(), "0\n");
    }
    {
      auto platform = OpenPlatform(loop, true);
      EXPECT_EQ(forwarding(), "1\n");
      auto tunnel = platform->OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {});
      ASSERT_TRUE(tunnel.ok()) << tunnel.why();
      EXPECT_EQ(Sh("cat /proc/sys/net/ipv4/conf/Tunnel0/rp_filter"), "2\n");
    }
    EXPECT_EQ(forwarding(), "0\n");
  });
}

TEST(LinuxPlatform, ALinkMayComeLaterAndComeAgain) {
  InNamespace([] {
    EventLoop loop;
    auto platform = LinuxPlatform::Open(loop, {{{"GigabitEthernet0/0", "later"}}, false});
    ASSERT_TRUE(platform.ok()) << platform.why();
    std::vector<std::string> said;
    (*platform)->OnNotice([&said](const PlatformNotice& notice) { said.push_back(notice.text); });
    ASSERT_TRUE((*platform)->SetInterface(Settings("GigabitEthernet0/0", {P(10, 3, 0, 1, 24)})).ok());
    const auto set = [] { return Sh("ip -4 address show later").find("10.3.0.1/24") != std::string::npos; };
    for (int round = 0; round < 2; ++round) {
      Sh("ip link add later type veth peer name far");
      EXPECT_TRUE(loop.RunUntil(set, kPatience));
      Sh("ip link del later");
      EXPECT_TRUE(loop.RunUntil([&] { return said.back().ends_with("is gone"); }, kPatience));
    }
    EXPECT_THAT(said, testing::ElementsAre(HasSubstr("waited for"), HasSubstr("is there"), HasSubstr("is gone"),
                                           HasSubstr("is there"), HasSubstr("is gone")));
  });
}

TEST(LinuxPlatform, WhatSomebodyElseTakesAwayIsPutBackAndSaidOnce) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    std::vector<std::string> said;
    platform->OnNotice([&said](const PlatformNotice& notice) { said.push_back(notice.text); });
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    const auto set = [] { return Sh("ip -4 address show port").find("10.0.0.1/24") != std::string::npos; };
    for (int n = 0; n < Mender::kTries; ++n) {
      Sh("ip address del 10.0.0.1/24 dev port");
      EXPECT_TRUE(loop.RunUntil(set, kPatience));
    }
    EXPECT_THAT(said, testing::ElementsAre("address 10.0.0.1/24 of port was taken away and is put back"));
    Sh("ip address del 10.0.0.1/24 dev port");
    EXPECT_TRUE(loop.RunUntil([&] { return said.size() == 2; }, kPatience));
    EXPECT_FALSE(set());
    Sh("ip link set port down");
    (void)loop.RunFor(std::chrono::milliseconds(100));
    EXPECT_THAT(Sh("ip link show port"), Not(HasSubstr(",UP"))) << "a port that is set down is the operator's affair";
  });
}

}  // namespace
}  // namespace sw::device
