// Runs on the real kernel, each test in a network namespace of its own; skipped for ordinary users.
#include "device/linux/linux_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "device/linux/mender.h"
#include "hal/ports/ipv4.h"
#include "hal/ports/privileges.h"
#include "tests/unit/device/in_namespace.h"

namespace sw::device {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Duration kPatience = seconds(5);

Prefix P(unsigned a, unsigned b, unsigned c, unsigned d, int length) {
  return {Ipv4(a, b, c, d), static_cast<std::uint8_t>(length)};
}

InterfaceSettings Settings(std::string name, std::vector<Prefix> addresses, int mtu = 0, int vlan = 0) {
  InterfaceSettings s;
  s.name = std::move(name);
  s.addresses = std::move(addresses);
  s.mtu = mtu;
  s.vlan = vlan;
  return s;
}

std::unique_ptr<LinuxPlatform> OpenPlatform(EventLoop& loop, bool forwarding = false) {
  auto platform = LinuxPlatform::Open(loop, {{{"GigabitEthernet0/0", "port"}}, forwarding});
  EXPECT_TRUE(platform.ok()) << platform.why();
  return std::move(*platform);
}

std::vector<std::string> Lines(const Platform& platform) {
  std::vector<std::string> out;
  for (const RouteEntry& r : platform.routes()) {
    out.push_back(r.destination.ToString() + " " + r.protocol + " " + std::to_string(r.preference) + " " +
                  r.next_hop.ToString() + " " + r.interface);
  }
  return out;
}

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

TEST(LinuxPlatform, RawIpTakesOneProtocol) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    std::vector<PacketPtr> received;
    auto port = platform->OpenRawIp(47, [&received](std::vector<PacketPtr>& burst) {
      for (PacketPtr& packet : burst) received.push_back(std::move(packet));
    });
    ASSERT_TRUE(port.ok()) << port.why();
    std::vector<PacketPtr> burst;
    for (const std::size_t size : {100U, 500U}) {
      for (const std::uint8_t protocol : {std::uint8_t{47}, std::uint8_t{99}}) {
        PacketPtr packet = platform->packets().Take();
        const ByteSpan bytes = packet->Append(size);
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
        hal::Ipv4Header header;
        header.total_length = size;
        header.id = static_cast<std::uint16_t>(size);
        header.protocol = protocol;
        header.source = header.destination = Ipv4(10, 0, 0, 1);
        hal::WriteIpv4(bytes, header);
        burst.push_back(std::move(packet));
      }
    }
    burst.push_back(platform->packets().Copy(Bytes(10)));
    EXPECT_EQ((*port)->Send(burst), 1U);  // that is no packet
    EXPECT_TRUE(burst.empty());
    ASSERT_TRUE(loop.RunUntil([&] { return received.size() == 2; }, kPatience));
    EXPECT_EQ(received[0]->size(), 100U);
    EXPECT_EQ(received[1]->size(), 500U);
    port->reset();
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

TEST(LinuxPlatform, ATunnelCarriesPacketsBothWays) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    std::vector<Bytes> taken;
    auto tunnel = platform->OpenTunnel("Tunnel0", 1400, [&taken](std::vector<PacketPtr>& burst) {
      for (auto& p : burst) taken.emplace_back(p->data().begin(), p->data().end());
    });
    ASSERT_TRUE(tunnel.ok()) << tunnel.why();
    ASSERT_TRUE(platform->SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
    ASSERT_TRUE(platform->AddRoute({P(192, 168, 0, 0, 16), Ipv4(172, 16, 0, 9), {}, 60, false}).ok());
    EXPECT_THAT(Sh("ip link show Tunnel0"), HasSubstr("mtu 1400"));
    EXPECT_THAT(Sh("ip link show Tunnel0"), HasSubstr("qlen 1000"));
    EXPECT_EQ((*tunnel)->Find(Ipv4(192, 168, 5, 5)), Ipv4(172, 16, 0, 9));
    EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 7)), Ipv4(172, 16, 0, 7));
    EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 1)), std::nullopt);
    EXPECT_EQ((*tunnel)->Find(Ipv4(8, 8, 8, 8)), std::nullopt);

    std::string got;
    Endpoint from;
    auto udp = platform->OpenUdp({Ipv4(172, 16, 0, 1), 5000}, [&](std::vector<dvpn::Datagram>& burst) {
      got = std::string(AsText(burst.at(0).packet->data()));
      from = burst.at(0).peer;
    });
    ASSERT_TRUE(udp.ok()) << udp.why();
    std::vector<dvpn::Datagram> out;
    out.push_back({{Ipv4(192, 168, 5, 5), 6000}, platform->packets().Copy(AsBytes("there and back"))});
    ASSERT_EQ((*udp)->Send(out), 0U);
    ASSERT_TRUE(loop.RunUntil([&] { return !taken.empty(); }, kPatience));
    auto header = hal::ParseIpv4(taken[0]);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->destination, Ipv4(192, 168, 5, 5));
    EXPECT_FALSE(header->dont_fragment);

    // Both ends swapped, it is the answer; the UDP checksum does not change by that.
    std::swap(header->source, header->destination);
    hal::WriteIpv4(taken[0], *header);
    std::swap_ranges(taken[0].begin() + 20, taken[0].begin() + 22, taken[0].begin() + 22);
    std::vector<PacketPtr> burst;
    burst.push_back(platform->packets().Copy(taken[0]));
    (*tunnel)->Deliver(burst);
    ASSERT_TRUE(loop.RunUntil([&] { return !got.empty(); }, kPatience));
    EXPECT_EQ(got, "there and back");
    EXPECT_EQ(from, (Endpoint{Ipv4(192, 168, 5, 5), 6000}));

    EXPECT_EQ(platform->OpenTunnel("Tunnel0", 1400, [](auto&) {}).status().code(), Code::kExists);
    tunnel->reset();
    EXPECT_THAT(Sh("ip link"), Not(HasSubstr("Tunnel0")));
    EXPECT_EQ(platform->SetInterface(Settings("Tunnel0", {})).code(), Code::kNotFound);
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

TEST(LinuxPlatform, PingsOverLoAndSaysWhatIsWrong) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("LoopBack0", {P(192, 168, 1, 1, 32)})).ok());
    std::vector<EchoReply> replies;
    auto echo = platform->OpenEcho([&replies](const EchoReply& r) { replies.push_back(r); });
    ASSERT_TRUE(echo.ok()) << echo.why();
    EchoRequest request;
    request.destination = Ipv4(127, 0, 0, 1);
    request.source = Ipv4(192, 168, 1, 1);
    request.sequence = 5;
    request.size = 8100;
    request.ttl = 9;
    ASSERT_TRUE((*echo)->Send(request).ok());
    ASSERT_TRUE(loop.RunUntil([&] { return !replies.empty(); }, kPatience));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kReply);
    EXPECT_EQ(replies[0].sequence, 5);
    EXPECT_EQ(replies[0].size, 8100U);
    request.source = Ipv4(10, 99, 0, 1);
    EXPECT_EQ((*echo)->Send(request).code(), Code::kBadValue);
    request.source.reset();
    request.destination = Ipv4(203, 0, 113, 1);
    EXPECT_EQ((*echo)->Send(request).code(), Code::kNotFound);
  });
}

TEST(LinuxPlatform, PingsAnotherNamespaceAndHearsItsRouter) {
  InNamespace([] {
    // The peer of the veth pair moves into a namespace that a child keeps open until the pipe closes.
    int ready[2], hold[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(hold), 0);
    const pid_t keeper = ::fork();
    if (keeper == 0) {
      ::close(hold[1]);
      char c = ::unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
      if (::write(ready[1], &c, 1) == 1) (void)!::read(hold[0], &c, 1);
      ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    const std::string pid = std::to_string(keeper), enter = "nsenter -t " + pid + " -n ";
    Sh("ip link set peer netns " + pid);
    Sh(enter + "ip link set peer up && " + enter + "ip address add 10.0.0.2/24 dev peer");
    Sh(enter + "sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'");
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    ASSERT_TRUE(platform->AddRoute({P(0, 0, 0, 0, 0), Ipv4(10, 0, 0, 2), {}, 60, false}).ok());
    std::vector<EchoReply> replies;
    auto echo = platform->OpenEcho([&replies](const EchoReply& r) { replies.push_back(r); });
    const auto ping = [&](Ipv4 to, int ttl) {
      replies.clear();
      EchoRequest request;
      request.destination = to;
      request.ttl = ttl;
      EXPECT_TRUE((*echo)->Send(request).ok());
      return loop.RunUntil([&] { return !replies.empty(); }, kPatience);
    };
    ASSERT_TRUE(ping(Ipv4(10, 0, 0, 2), 255));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kReply);
    EXPECT_EQ(replies[0].from, Ipv4(10, 0, 0, 2));
    EXPECT_EQ(replies[0].ttl, 64);
    ASSERT_TRUE(ping(Ipv4(203, 0, 113, 1), 255));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kUnreachable);
    Sh(enter + "ip route add 203.0.113.0/24 via 10.0.0.3");
    ASSERT_TRUE(ping(Ipv4(203, 0, 113, 1), 1));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kTimeExceeded);
    const auto status = platform->interfaces().at(0);
    EXPECT_GT(status.input_packets, 2U);
    EXPECT_TRUE(status.mac.has_value());

    int changes = 0;
    platform->OnChange([&changes] { ++changes; });
    Sh(enter + "ip link set peer down");
    ASSERT_TRUE(loop.RunUntil([&] { return changes > 0 && !platform->interfaces().at(0).link; }, kPatience));
    ::close(hold[1]);
    ::waitpid(keeper, nullptr, 0);
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

TEST(LinuxPlatform, DatagramsThatNoPacketHoldsGoAndComeWhereTheyAreWanted) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    std::vector<std::size_t> small;
    const auto count = [&small](std::vector<dvpn::Datagram>& burst) {
      for (const dvpn::Datagram& datagram : burst) small.push_back(datagram.packet->size());
    };
    auto one = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, count),
         two = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, count);
    ASSERT_TRUE(one.ok() && two.ok());
    Bytes large(16384);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7);
    const auto send = [&] {
      EXPECT_TRUE((*one)->SendLarge((*two)->local(), large));
      std::vector<dvpn::Datagram> burst;
      burst.push_back({(*two)->local(), platform->packets().Copy(AsBytes("small"))});
      EXPECT_EQ((*one)->Send(burst), 0U);
    };
    send();  // nobody wants the large one: dropped, and what is behind it comes
    ASSERT_TRUE(loop.RunUntil([&] { return !small.empty(); }, kPatience));

    Bytes got;
    Endpoint from;
    (*two)->OnLarge([&](Endpoint peer, ByteView bytes) {
      from = peer;
      got.assign(bytes.begin(), bytes.end());
      two->reset();  // the handler may end its port
    });
    send();
    ASSERT_TRUE(loop.RunUntil([&] { return !got.empty(); }, kPatience));
    EXPECT_EQ(got, large);
    EXPECT_EQ(from, (*one)->local());
    EXPECT_FALSE((*one)->SendLarge({Ipv4(127, 0, 0, 1), 9}, Bytes(70'000)));
  });
}

TEST(LinuxPlatform, UdpPortsRefuseWhatTheyCannotHave) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    const auto ignore = [](std::vector<dvpn::Datagram>&) {};
    auto first = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, ignore);
    ASSERT_TRUE(first.ok());
    EXPECT_NE((*first)->local().port, 0);
    EXPECT_EQ(platform->OpenUdp((*first)->local(), ignore).status().code(), Code::kInUse);
    EXPECT_EQ(platform->OpenUdp({Ipv4(10, 99, 0, 1), 5000}, ignore).status().code(), Code::kBadValue);
    std::vector<dvpn::Datagram> burst;
    for (const Ipv4 to : {Ipv4(203, 0, 113, 1), Ipv4(127, 0, 0, 1)}) {
      burst.push_back({{to, 9}, platform->packets().Copy(AsBytes("x"))});
    }
    EXPECT_EQ((*first)->Send(burst), 1U) << "the one without route; the one behind it went";
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

TEST(LinuxPlatform, OnlyPortsAreBound) {
  InNamespace([] {
    EventLoop loop;
    EXPECT_EQ(LinuxPlatform::Open(loop, {{{"Ethernet0", "port"}}, false}).status().code(), Code::kBadValue);
  });
}

TEST(Privileges, OnlyNetworkCapabilitiesStayAndTheyAreEnough) {
  InNamespace([] {
    ASSERT_TRUE(hal::DropPrivileges().ok());
    std::ifstream status("/proc/self/status");
    std::string all((std::istreambuf_iterator<char>(status)), std::istreambuf_iterator<char>());
    // CAP_NET_BIND_SERVICE is bit 10, CAP_NET_ADMIN 12, CAP_NET_RAW 13 (linux/capability.h).
    EXPECT_THAT(all, HasSubstr("CapPrm:\t0000000000003400\nCapEff:\t0000000000003400\n"));
    EventLoop loop;
    auto platform = OpenPlatform(loop, true);
    EXPECT_TRUE(platform->OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {}).ok());
    EXPECT_TRUE(platform->OpenEcho([](const EchoReply&) {}).ok());
  });
}

}  // namespace
}  // namespace sw::device
