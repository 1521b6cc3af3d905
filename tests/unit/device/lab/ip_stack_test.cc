#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/lab/lab_platform.h"
#include "hal/base/random.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/ports/ipv4.h"

namespace sw::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Prefix P(unsigned a, unsigned b, unsigned c, unsigned d, int length) {
  return {Ipv4(a, b, c, d), static_cast<std::uint8_t>(length)};
}

InterfaceSettings Settings(std::string name, std::vector<Prefix> addresses, int mtu = 0) {
  InterfaceSettings s;
  s.name = std::move(name);
  s.addresses = std::move(addresses);
  s.mtu = mtu;
  return s;
}

StaticRoute Via(Prefix destination, Ipv4 next_hop, std::string interface = {}, int preference = 60) {
  return {destination, next_hop, std::move(interface), preference, false};
}

// One packet as bytes, for feeding a node what no honest sender makes.
Bytes MakePacket(hal::Ipv4Header header, std::size_t payload) {
  Bytes bytes(hal::kIpv4HeaderSize + payload);
  header.total_length = bytes.size();
  hal::WriteIpv4(bytes, header);
  return bytes;
}

// left (10.1.0.1) -- r1 -- r2 -- right (10.3.0.1)
class LabChain : public testing::Test {
 protected:
  void SetUp() override {
    Join(left, "GigabitEthernet0/1", link_a, P(10, 1, 0, 1, 24));
    Join(r1, "GigabitEthernet0/1", link_a, P(10, 1, 0, 2, 24));
    Join(r1, "GigabitEthernet0/2", link_b, P(10, 2, 0, 1, 30));
    Join(r2, "GigabitEthernet0/1", link_b, P(10, 2, 0, 2, 30));
    Join(r2, "GigabitEthernet0/2", link_c, P(10, 3, 0, 2, 24));
    Join(right, "GigabitEthernet0/1", link_c, P(10, 3, 0, 1, 24));
    ASSERT_TRUE(left.AddRoute(Via(P(0, 0, 0, 0, 0), Ipv4(10, 1, 0, 2))).ok());
    ASSERT_TRUE(r1.AddRoute(Via(P(10, 3, 0, 0, 24), Ipv4(10, 2, 0, 2))).ok());
    ASSERT_TRUE(r2.AddRoute(Via(P(10, 1, 0, 0, 24), Ipv4(10, 2, 0, 1))).ok());
    ASSERT_TRUE(right.AddRoute(Via(P(0, 0, 0, 0, 0), Ipv4(10, 3, 0, 2))).ok());
  }

  static void Join(LabPlatform& node, const std::string& name, hal::VirtualLink& link, Prefix address) {
    ASSERT_TRUE(node.AddPort(name, link, {milliseconds(1), {}, 0, 0}, {}).ok());
    ASSERT_TRUE(node.SetInterface(Settings(name, {address})).ok());
  }

  std::vector<EchoReply> Ping(LabPlatform& node, const EchoRequest& request) {
    std::vector<EchoReply> replies;
    auto port = node.OpenEcho([&replies](const EchoReply& r) { replies.push_back(r); });
    status = (*port)->Send(request);
    scheduler.RunFor(seconds(2));
    return replies;
  }

  VirtualScheduler scheduler;
  SeededRandom random{1};
  PacketPool packets;
  hal::VirtualLink link_a{scheduler, random, packets}, link_b{scheduler, random, packets},
      link_c{scheduler, random, packets};
  LabPlatform left{scheduler, packets}, r1{scheduler, packets}, r2{scheduler, packets}, right{scheduler, packets};
  Status status;
};

TEST_F(LabChain, PingCrossesTwoRoutersAndLosesOneTtlAtEach) {
  const auto replies = Ping(left, {.destination = Ipv4(10, 3, 0, 1), .sequence = 7, .size = 100});
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].answer, EchoAnswer::kReply);
  EXPECT_EQ(replies[0].from, Ipv4(10, 3, 0, 1));
  EXPECT_EQ(replies[0].sequence, 7);
  EXPECT_EQ(replies[0].size, 100U);
  EXPECT_EQ(replies[0].ttl, 253);
}

TEST_F(LabChain, PingOfAnOwnAddressNeedsNoLink) {
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 1, 0, 1)}), SizeIs(1));
  EXPECT_THAT(Ping(left, {.destination = Ipv4(127, 0, 0, 1)}), SizeIs(1));
  EXPECT_EQ(link_a.counters().sent, 0U);
}

TEST_F(LabChain, TheRouterWhereTheTtlEndsSaysSo) {
  const auto first = Ping(left, {.destination = Ipv4(10, 3, 0, 1), .ttl = 1});
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].answer, EchoAnswer::kTimeExceeded);
  EXPECT_EQ(first[0].from, Ipv4(10, 1, 0, 2));
  const auto second = Ping(left, {.destination = Ipv4(10, 3, 0, 1), .ttl = 2});
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].from, Ipv4(10, 2, 0, 2));
  EXPECT_EQ(Ping(left, {.destination = Ipv4(10, 3, 0, 1), .ttl = 3})[0].answer, EchoAnswer::kReply);
}

TEST_F(LabChain, ARouterWithoutRouteAnswersUnreachable) {
  const auto replies = Ping(left, {.destination = Ipv4(192, 0, 2, 1)});
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].answer, EchoAnswer::kUnreachable);
  EXPECT_EQ(replies[0].from, Ipv4(10, 1, 0, 2));
}

TEST_F(LabChain, ARejectRouteAnswersAndABlackholeIsSilent) {
  ASSERT_TRUE(r1.AddRoute({P(192, 0, 2, 0, 24), {}, "NULL0", 60, true}).ok());
  ASSERT_TRUE(r1.AddRoute({P(198, 51, 100, 0, 24), {}, "NULL0", 60, false}).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(192, 0, 2, 1)}), SizeIs(1));
  EXPECT_THAT(Ping(left, {.destination = Ipv4(198, 51, 100, 1)}), IsEmpty());
  EXPECT_TRUE(status.ok());
}

TEST_F(LabChain, SendingWithoutRouteOrFromAForeignSourceIsRefusedAtOnce) {
  Ping(r1, {.destination = Ipv4(192, 0, 2, 1)});
  EXPECT_EQ(status.code(), Code::kNotFound);
  Ping(left, {.destination = Ipv4(10, 3, 0, 1), .source = Ipv4(10, 3, 0, 2)});
  EXPECT_EQ(status.code(), Code::kBadValue);
}

TEST_F(LabChain, AnswersAreRateLimited) {
  std::size_t replies = 0;
  auto port = left.OpenEcho([&replies](const EchoReply&) { ++replies; });
  for (std::uint16_t i = 0; i < 500; ++i) {
    ASSERT_TRUE((*port)->Send({.destination = Ipv4(192, 0, 2, 1), .sequence = i}).ok());
  }
  scheduler.RunFor(milliseconds(5));
  EXPECT_EQ(replies, 100U);
}

TEST_F(LabChain, LargePacketsAreFragmentedAndPutTogether) {
  ASSERT_TRUE(r1.SetInterface(Settings("GigabitEthernet0/2", {P(10, 2, 0, 1, 30)}, 576)).ok());
  const auto replies = Ping(left, {.destination = Ipv4(10, 3, 0, 1), .size = 1400});
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].size, 1400U);
}

TEST_F(LabChain, WithDontFragmentTheNarrowRouterRefusesInstead) {
  ASSERT_TRUE(r1.SetInterface(Settings("GigabitEthernet0/2", {P(10, 2, 0, 1, 30)}, 576)).ok());
  const auto large = Ping(left, {.destination = Ipv4(10, 3, 0, 1), .size = 549, .dont_fragment = true});
  ASSERT_THAT(large, SizeIs(1));
  EXPECT_EQ(large[0].answer, EchoAnswer::kUnreachable);
  EXPECT_EQ(Ping(left, {.destination = Ipv4(10, 3, 0, 1), .size = 548, .dont_fragment = true})[0].answer,
            EchoAnswer::kReply);
}

TEST_F(LabChain, UdpReachesTheOpenPortAndOnlyThat) {
  std::vector<std::pair<Endpoint, std::string>> got;
  auto server = right.OpenUdp({Ipv4(10, 3, 0, 1), 9876}, [&got](std::vector<dvpn::Datagram>& burst) {
    for (auto& d : burst) got.emplace_back(d.peer, std::string(AsText(d.packet->data())));
  });
  ASSERT_TRUE(server.ok());
  auto client = left.OpenUdp({Ipv4(10, 1, 0, 1), 5000}, [](std::vector<dvpn::Datagram>&) {});
  ASSERT_TRUE(client.ok());
  std::vector<dvpn::Datagram> burst;
  burst.push_back({{Ipv4(10, 3, 0, 1), 9876}, packets.Copy(AsBytes("one"))});
  burst.push_back({{Ipv4(10, 3, 0, 1), 9877}, packets.Copy(AsBytes("nobody"))});
  burst.push_back({{Ipv4(10, 3, 0, 1), 9876}, packets.Copy(AsBytes("two"))});
  EXPECT_EQ((*client)->Send(burst), 0U);
  EXPECT_THAT(burst, IsEmpty());
  scheduler.RunFor(seconds(1));
  const Endpoint from{Ipv4(10, 1, 0, 1), 5000};
  EXPECT_THAT(got, ElementsAre(std::pair(from, std::string("one")), std::pair(from, std::string("two"))));
}

TEST_F(LabChain, UdpPortsBelongToOneAndToOwnAddresses) {
  const auto ignore = [](std::vector<dvpn::Datagram>&) {};
  auto first = left.OpenUdp({Ipv4(10, 1, 0, 1), 5000}, ignore);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(left.OpenUdp({Ipv4(10, 1, 0, 1), 5000}, ignore).status().code(), Code::kInUse);
  EXPECT_EQ(left.OpenUdp({Ipv4(10, 9, 0, 1), 5000}, ignore).status().code(), Code::kBadValue);
  first->reset();
  EXPECT_TRUE(left.OpenUdp({Ipv4(10, 1, 0, 1), 5000}, ignore).ok());
}

TEST_F(LabChain, ATunnelTakesWhatIsRoutedIntoItAndGivesBackWhatIsForThisNode) {
  std::vector<Bytes> taken;
  auto tunnel = left.OpenTunnel("Tunnel0", 1400, [&taken](std::vector<PacketPtr>& burst) {
    for (auto& p : burst) taken.emplace_back(p->data().begin(), p->data().end());
  });
  ASSERT_TRUE(tunnel.ok());
  ASSERT_TRUE(left.SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
  ASSERT_TRUE(left.AddRoute(Via(P(192, 168, 0, 0, 16), Ipv4(172, 16, 0, 9))).ok());

  EXPECT_EQ((*tunnel)->Find(Ipv4(192, 168, 5, 5)), Ipv4(172, 16, 0, 9));
  EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 7)), Ipv4(172, 16, 0, 7));
  EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 1)), std::nullopt) << "our own address";
  EXPECT_EQ((*tunnel)->Find(Ipv4(10, 3, 0, 1)), std::nullopt) << "leaves by another interface";

  EXPECT_THAT(Ping(left, {.destination = Ipv4(192, 168, 5, 5)}), IsEmpty());
  ASSERT_THAT(taken, SizeIs(1));
  auto header = hal::ParseIpv4(taken[0]);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source, Ipv4(172, 16, 0, 1));

  // The same request, sent back from the far end: the answer goes into the tunnel.
  std::swap(header->source, header->destination);
  hal::WriteIpv4(taken[0], *header);
  std::vector<PacketPtr> burst;
  burst.push_back(packets.Copy(taken[0]));
  taken.clear();
  (*tunnel)->Deliver(burst);
  EXPECT_THAT(burst, IsEmpty());
  scheduler.RunFor(milliseconds(1));
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(hal::ParseIpv4(taken[0])->destination, Ipv4(192, 168, 5, 5));

  tunnel->reset();
  EXPECT_EQ(left.SetInterface(Settings("Tunnel0", {})).code(), Code::kNotFound);
}

TEST_F(LabChain, BadHeadersAreCountedAndGoNowhere) {
  auto tunnel = left.OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {});
  ASSERT_TRUE(left.SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
  hal::Ipv4Header header;
  header.protocol = hal::kProtocolUdp;
  header.source = Ipv4(172, 16, 0, 9);
  header.destination = Ipv4(10, 3, 0, 1);
  const Bytes good = MakePacket(header, 20);

  std::vector<Bytes> bad;
  bad.push_back(Bytes());
  bad.push_back(Bytes(good.begin(), good.begin() + 19));  // no whole header
  bad.push_back(good), bad.back()[0] = 0x65;              // version 6
  bad.push_back(good), bad.back()[0] = 0x44;              // header of 16 bytes
  bad.push_back(good), bad.back()[8] ^= 1;                // checksum
  bad.push_back(Bytes(good.begin(), good.end() - 1));     // shorter than it says
  for (const Ipv4 source : {Ipv4(224, 0, 0, 1), Ipv4(127, 0, 0, 1), Ipv4(0xffffffff), Ipv4(), Ipv4(10, 1, 0, 1)}) {
    header.source = source;
    bad.push_back(MakePacket(header, 20));
  }
  header.source = Ipv4(172, 16, 0, 9);
  header.destination = Ipv4(127, 0, 0, 1);
  bad.push_back(MakePacket(header, 20));

  std::vector<PacketPtr> burst;
  for (const Bytes& b : bad) burst.push_back(packets.Copy(b));
  (*tunnel)->Deliver(burst);
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(link_a.counters().sent, 0U);
  EXPECT_EQ(left.interfaces().back().input_errors, bad.size());

  burst.push_back(packets.Copy(good));
  (*tunnel)->Deliver(burst);
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(link_a.counters().sent, 1U) << "its good neighbour is forwarded";
}

TEST_F(LabChain, MulticastAndBroadcastAreNotForwarded) {
  auto tunnel = left.OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {});
  ASSERT_TRUE(left.SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
  hal::Ipv4Header header;
  header.source = Ipv4(172, 16, 0, 9);
  std::vector<PacketPtr> burst;
  for (const Ipv4 to : {Ipv4(224, 0, 0, 5), Ipv4(0xffffffff), Ipv4(10, 1, 0, 255), Ipv4(10, 1, 0, 0)}) {
    header.destination = to;
    burst.push_back(packets.Copy(MakePacket(header, 8)));
  }
  (*tunnel)->Deliver(burst);
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(link_a.counters().sent, 0U);
}

TEST_F(LabChain, SubInterfacesWithTheSameVlanReachEachOther) {
  InterfaceSettings a = Settings("GigabitEthernet0/1.10", {P(10, 10, 0, 1, 24)});
  InterfaceSettings b = Settings("GigabitEthernet0/1.20", {P(10, 10, 0, 2, 24)});
  a.vlan = b.vlan = 10;
  ASSERT_TRUE(left.SetInterface(a).ok());
  ASSERT_TRUE(r1.SetInterface(b).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 10, 0, 2)}), SizeIs(1));
  b.vlan = 11;
  ASSERT_TRUE(r1.SetInterface(b).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 10, 0, 2)}), IsEmpty());
  EXPECT_EQ(left.SetInterface(Settings("GigabitEthernet0/9.1", {})).code(), Code::kNotFound);
}

TEST_F(LabChain, APulledCableTakesItsRoutesAlongAndIsReported) {
  int changes = 0;
  left.OnChange([&changes] { ++changes; });
  ASSERT_TRUE(left.SetCable("GigabitEthernet0/1", false).ok());
  scheduler.RunFor(milliseconds(1));
  EXPECT_EQ(changes, 1);
  EXPECT_THAT(left.routes(), SizeIs(2));  // 127.0.0.0/8 and 127.0.0.1/32
  ASSERT_TRUE(left.SetCable("GigabitEthernet0/1", true).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 3, 0, 1)}), SizeIs(1));
}

TEST_F(LabChain, WithoutAnMtuAnInterfaceFallsBackToItsOwn) {
  const auto mtu = [this](const std::string& name) {
    for (const InterfaceStatus& i : left.interfaces()) {
      if (i.name == name) return i.mtu;
    }
    return 0;
  };
  auto tunnel = left.OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {});
  for (const auto& [name, own] : {std::pair{"Tunnel0", 1400}, {"GigabitEthernet0/1", 1500}}) {
    ASSERT_TRUE(left.SetInterface(Settings(name, {}, 1300)).ok());
    EXPECT_EQ(mtu(name), 1300);
    ASSERT_TRUE(left.SetInterface(Settings(name, {})).ok());
    EXPECT_EQ(mtu(name), own);
  }
  EXPECT_EQ(left.SetInterface(Settings("Tunnel0", {}, 1921)).code(), Code::kBadValue);
  EXPECT_TRUE(left.SetInterface(Settings("Tunnel0", {}, 46)).ok());  // the least that the command takes
  EXPECT_EQ(left.SetInterface(Settings("Tunnel0", {P(224, 0, 0, 1, 24)})).code(), Code::kBadValue);
  EXPECT_EQ(left.SetInterface(Settings("Tunnel0", {P(10, 7, 0, 255, 24)})).code(), Code::kBadValue);
}

TEST_F(LabChain, ShutdownStopsAnInterfaceAndUndoBringsItBack) {
  InterfaceSettings s = Settings("GigabitEthernet0/1", {P(10, 1, 0, 2, 24)});
  s.up = false;
  ASSERT_TRUE(r1.SetInterface(s).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 1, 0, 2)}), IsEmpty());
  s.up = true;
  ASSERT_TRUE(r1.SetInterface(s).ok());
  EXPECT_THAT(Ping(left, {.destination = Ipv4(10, 1, 0, 2)}), SizeIs(1));
}

}  // namespace
}  // namespace sw::device
