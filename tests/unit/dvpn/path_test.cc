// Size: what a narrow path carries, and how senders learn of it. Everybody: broadcast and multicast on the tunnel.
#include <gmock/gmock.h>

#include "dvpn/path_mtu.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using ::testing::HasSubstr;

Bytes Large(Ipv4 from, Ipv4 to, std::size_t total, bool dont_fragment) {
  Bytes p = Ping(from, to, 1, false, 64, total - 28);
  Store16(&p[6], dont_fragment ? 0x4000 : 0);
  FixIpChecksum(p);
  return p;
}

struct Narrow : TwoClients {
  Narrow() {
    net.mtu = [](Endpoint, Endpoint) { return 1280; };
    Direct();
    Send(*one, Large(Lan(2), Lan(3), 1400, true));  // starts the search
    Run(5s);
    two->delivered.clear();
  }
};

TEST(Path, ANarrowPathIsFoundByProbesAndNothingIsLostMeanwhile) {
  TwoClients p;
  p.net.mtu = [](Endpoint, Endpoint) { return 1280; };
  p.Direct();
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, true));
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);  // the outer packet arrived in fragments
  EXPECT_EQ(p.one->Session(Domain::Private(3))->path_mtu, 0u);
  p.Run(3s);
  EXPECT_EQ(p.one->Session(Domain::Private(3))->path_mtu, 1280u);
  EXPECT_TRUE(p.one->log.Says("the path carries packets of 1280 bytes"));
}

TEST(Path, AWidePathCostsOneProbe) {
  TwoClients p;
  p.Direct();
  int probes = 0;
  p.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    probes += Load32(b.data()) == 0 && b[5] == 26;
    return true;
  };
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(5s);
  EXPECT_EQ(probes, 0);  // nobody asks while packets are small
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, true));
  p.Run(60s);
  EXPECT_EQ(probes, 1);
  EXPECT_EQ(p.one->Session(Domain::Private(3))->path_mtu, 0u);
}

TEST(Path, AnInnerPacketThatMustNotBeCutIsAnsweredWithFragmentationNeeded) {
  Narrow p;
  p.one->delivered.clear();
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, true));
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 0u);
  EXPECT_EQ(p.one->Dropped("data: larger than the path takes and not to be fragmented"), 1u);
  ASSERT_EQ(p.one->delivered.size(), 1u);
  const Bytes& icmp = p.one->delivered[0];
  EXPECT_EQ(icmp[9], 1);
  EXPECT_EQ(icmp[20], 3);
  EXPECT_EQ(icmp[21], 4);
  EXPECT_EQ(Ipv4(Load32(&icmp[12])), Domain::Private(3));  // not this device's own address
  EXPECT_EQ(Ipv4(Load32(&icmp[16])), Domain::Lan(2));
  const std::size_t fits = Load16(&icmp[26]);
  EXPECT_GT(fits, 1150u);
  EXPECT_LT(fits, 1280u - 28);
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), fits, true));
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);
}

TEST(Path, AnInnerPacketThatMayBeCutIsCut) {
  Narrow p;
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, false));
  p.Run(50ms);
  ASSERT_EQ(p.two->delivered.size(), 2u);
  const Bytes &first = p.two->delivered[0], &second = p.two->delivered[1];
  EXPECT_EQ(Load16(&first[6]), 0x2000);
  EXPECT_EQ(std::size_t{8} * Load16(&second[6]), first.size() - 20);
  EXPECT_EQ(first.size() + second.size() - 40, 1400u - 20);
}

TEST(Path, ARelayedPacketThatDoesNotFitIsAnsweredThroughTheSessionItCameBy) {
  TwoClients p;
  p.Up([](auto& s) { ClientRole(s).register_type = dvpn::RegisterType::kForward; });  // everything by the server
  p.net.mtu = [&](Endpoint from, Endpoint to) { return from == p.two->address || to == p.two->address ? 1300 : 1500; };
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, true));
  p.Run(5s);
  EXPECT_EQ(p.server->Session(Domain::Private(3))->path_mtu, 1300u);
  p.one->delivered.clear();
  p.Send(*p.one, Large(Domain::Lan(2), Domain::Lan(3), 1400, true));
  p.Run(100ms);
  ASSERT_EQ(p.one->delivered.size(), 1u);
  EXPECT_EQ(p.one->delivered[0][20], 3);
}

TEST(Path, TheSegmentSizeOfATcpSynIsLoweredToWhatFits) {
  Narrow p;
  Bytes syn(20 + 24, 0);
  syn[0] = 0x45;
  Store16(&syn[2], 44);
  syn[8] = 64;
  syn[9] = 6;
  Store32(&syn[12], Domain::Lan(2).value);
  Store32(&syn[16], Domain::Lan(3).value);
  FixIpChecksum(syn);
  syn[20 + 12] = 6 << 4;
  syn[20 + 13] = 2;
  syn[40] = 2;
  syn[41] = 4;
  Store16(&syn[42], 1460);
  const auto checksum = [](const Bytes& b) {  // RFC 9293 section 3.1, with the pseudo header; 0 when right
    std::uint32_t sum = 6 + 24;
    for (std::size_t i = 12; i < 44; i += 2) sum += Load16(&b[i]);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
  };
  Store16(&syn[36], checksum(syn));
  ASSERT_EQ(checksum(syn), 0);
  p.Send(*p.one, syn);
  p.Run(50ms);
  ASSERT_EQ(p.two->delivered.size(), 1u);
  EXPECT_LT(Load16(&p.two->delivered[0][42]), 1240);
  EXPECT_GT(Load16(&p.two->delivered[0][42]), 1100);
  EXPECT_EQ(checksum(p.two->delivered[0]), 0);
}

TEST(Path, APathThatWidensIsFoundAgain) {
  Narrow p;
  p.net.mtu = {};
  for (int i = 0; i < 700; ++i) {  // no idle end
    p.SendPing(*p.one, 2, 3, 1);
    p.Run(1s);
  }
  EXPECT_EQ(p.one->Session(Domain::Private(3))->path_mtu, 0u);
}

TEST(Path, AnAnswerOfASizeThatWasNotAskedForChangesNothing) {
  dvpn::PathMtu path({}, 1480);
  EXPECT_FALSE(path.Arrived({}, 28));
  EXPECT_FALSE(path.Arrived({}, 65535));
  EXPECT_EQ(path.found(), 0u);
  EXPECT_TRUE(path.Arrived({}, 1280));
  EXPECT_EQ(path.found(), 1280u);
}

TEST(Everybody, AMulticastOfOneClientReachesServerAndAllClientsOnceWithoutLosingAHop) {
  TwoClients p;
  p.Direct();
  p.Registered(4);
  p.server->delivered.clear();
  const Bytes hello = Ping(Domain::Private(2), Ipv4(224, 0, 0, 5), 1, false, 1);
  p.Send(*p.one, hello);
  p.Run(100ms);
  for (const auto& host : p.net.hosts()) {
    if (host.get() == p.one) continue;
    ASSERT_EQ(host->delivered.size(), 1u) << host->tunnel->settings().name;
    EXPECT_TRUE(std::ranges::equal(host->delivered[0], hello));
  }
  EXPECT_EQ(p.one->delivered.size(), 0u);
}

TEST(Everybody, TheServersMulticastAndTheBroadcastsOfTheNetworkReachAllClients) {
  TwoClients p;
  p.Up();
  for (const Ipv4 to : {Ipv4(224, 0, 0, 5), Ipv4(255, 255, 255, 255), Ipv4(10, 0, 255, 255)})
    p.Send(*p.server, Ping(Domain::Private(1), to, 1, false, 1));
  p.Run(100ms);
  EXPECT_EQ(p.one->delivered.size(), 3u);
  EXPECT_EQ(p.two->delivered.size(), 3u);
}

TEST(Everybody, WhileTheServerIsAwayMulticastGoesByDirectSessions) {
  TwoClients p;
  p.Direct();
  p.server->up = false;
  for (int i = 0; i < 60; ++i) {
    p.SendPing(*p.one, 2, 3, 1);
    p.SendPing(*p.two, 3, 2, 1);
    p.Run(1s);
  }
  p.two->delivered.clear();
  p.Send(*p.one, Ping(Domain::Private(2), Ipv4(224, 0, 0, 5), 1, false, 1));
  p.Run(100ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);
}

TEST(Everybody, ANeighbourOnTheTunnelIsReachedByTheServerWithATimeToLiveOfOne) {
  TwoClients p;
  p.Up();
  p.Send(*p.one, Ping(Domain::Private(2), Domain::Private(3), 1, false, 1));
  p.Send(*p.one, Ping(Domain::Lan(2), Domain::Lan(3), 1, false, 1));
  p.Run(25ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);  // the second needs a hop
  EXPECT_EQ(p.server->Dropped("data: time to live expired"), 1u);
}

}  // namespace
}  // namespace sw::testing
