// Two GRE tunnels that hand each other their packets.
#include "device/gre/gre_tunnel.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

using std::chrono::seconds;

const Ipv4 kHere(192, 0, 2, 1), kThere(192, 0, 2, 2);
constexpr Time At(int second) {
  return {seconds(second)};
}

class GreTunnelTest : public testing::Test {
 protected:
  GreTunnelTest() { Configure({.local = kHere, .remote = kThere}); }

  void Configure(GreSettings settings, int second = 0) {
    here_.Configure(At(second), settings);
    std::swap(settings.local, settings.remote);
    there_.Configure(At(second), settings);
  }

  PacketPtr Inner(std::size_t size = 60, Ipv4 from = Ipv4(10, 1, 1, 1), Ipv4 to = Ipv4(10, 1, 2, 1)) {
    PacketPtr packet = pool_.Take();
    const ByteSpan bytes = packet->Append(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
    hal::Ipv4Header header;
    header.total_length = size;
    header.tos = 0xb8;
    header.dont_fragment = true;
    header.protocol = 17;
    header.source = from;
    header.destination = to;
    hal::WriteIpv4(bytes, header);
    return packet;
  }

  static Bytes BytesOf(const PacketPtr& packet) { return {packet->data().begin(), packet->data().end()}; }

  // What `here` sends of it; null: nothing.
  PacketPtr Sent(PacketPtr packet, GreWay way = GreWay::kOpen) {
    GreOutput out;
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(packet));
    here_.Forward(At(0), way, burst, out);
    EXPECT_TRUE(burst.empty() && out.delivered.empty());
    return out.sent.empty() ? nullptr : std::move(out.sent[0]);
  }
  GreOutput Received(GreTunnel& tunnel, PacketPtr packet, int second = 0) {
    GreOutput out;
    tunnel.Receive(At(second), std::move(packet), out);
    return out;
  }
  GreOutput Tick(int second) {
    GreOutput out;
    here_.OnTimer(At(second), out);
    return out;
  }
  static std::uint64_t Drops(const GreTunnel& tunnel, GreDrop reason) {
    return tunnel.counters().drops[static_cast<std::size_t>(reason)];
  }

  PacketPool pool_;
  GreTunnel here_{pool_, 41}, there_{pool_, 0};
};

TEST_F(GreTunnelTest, AnOuterPacketByteByByte) {
  const PacketPtr sent = Sent(Inner(60));
  ASSERT_NE(sent, nullptr);
  const ByteView bytes = std::as_const(*sent).data();
  const Bytes header = {0x45, 0xb8, 0, 84, 0, 42, 0, 0, 255, 47, 0x36, 0x95, 192, 0, 2, 1, 192, 0, 2, 2, 0, 0, 8, 0};
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 24), header);
  EXPECT_EQ(Bytes(bytes.begin() + 24, bytes.end()), BytesOf(Inner()));
}

TEST_F(GreTunnelTest, CarriesWithEveryOptionAndCounts) {
  for (const auto& [key, checksum, overhead] :
       {std::tuple(false, false, 24U), {true, false, 28U}, {false, true, 28U}, {true, true, 32U}}) {
    GreSettings settings{.local = kHere, .remote = kThere, .checksum = checksum};
    if (key) settings.key = 0;
    EXPECT_EQ(settings.overhead(), overhead);
    Configure(settings);
    here_.ResetCounters();
    there_.ResetCounters();
    PacketPtr sent = Sent(Inner(100));
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->size(), 100 + overhead);
    const GreOutput out = Received(there_, std::move(sent));
    ASSERT_EQ(out.delivered.size(), 1U);
    EXPECT_EQ(BytesOf(out.delivered[0]), BytesOf(Inner(100)));
    EXPECT_EQ(here_.counters().output_packets, 1U);
    EXPECT_EQ(here_.counters().output_bytes, 100U);
    EXPECT_EQ(there_.counters().input_packets, 1U);
    EXPECT_EQ(there_.counters().input_bytes, 100U);
  }
}

TEST_F(GreTunnelTest, AChecksumOfOneEndIsEnough) {
  here_.Configure(At(0), GreSettings{.local = kHere, .remote = kThere, .checksum = true});
  EXPECT_EQ(Received(there_, Sent(Inner())).delivered.size(), 1U);
  PacketPtr bent = Sent(Inner());
  bent->data()[60] ^= 1;
  EXPECT_TRUE(Received(there_, std::move(bent)).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kChecksum), 1U);
}

TEST_F(GreTunnelTest, KeysAreEqualOrThereAreNone) {
  const GreSettings with{.local = kHere, .remote = kThere, .key = 7};
  here_.Configure(At(0), with);
  EXPECT_TRUE(Received(there_, Sent(Inner())).delivered.empty());
  there_.Configure(At(0), GreSettings{.local = kThere, .remote = kHere, .key = 8});
  EXPECT_TRUE(Received(there_, Sent(Inner())).delivered.empty());
  here_.Configure(At(0), GreSettings{.local = kHere, .remote = kThere});
  EXPECT_TRUE(Received(there_, Sent(Inner())).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kKey), 3U);
  EXPECT_EQ(there_.counters().Errors(true), 3U);
  EXPECT_EQ(there_.counters().Errors(false), 0U);
}

TEST_F(GreTunnelTest, TakesPacketsWithoutHeadroom) {
  PacketPtr packet = Inner();
  const Bytes bytes(packet->data().begin(), packet->data().end());
  PacketPtr moved = pool_.Take();
  moved->Append(bytes.size());
  moved->Prepend(Packet::kHeadroom);
  moved->TrimBack(Packet::kHeadroom);
  std::copy(bytes.begin(), bytes.end(), moved->data().begin());
  ASSERT_EQ(moved->headroom(), 0U);
  EXPECT_EQ(Received(there_, Sent(std::move(moved))).delivered.size(), 1U);
}

TEST_F(GreTunnelTest, SendsNothingThatWouldComeAroundOrCannotGo) {
  EXPECT_EQ(Sent(Inner(60, Ipv4(10, 1, 1, 1), kThere)), nullptr);
  EXPECT_EQ(Sent(Inner(), GreWay::kIntoItself), nullptr);
  EXPECT_EQ(Drops(here_, GreDrop::kIntoItself), 2U);
  EXPECT_EQ(Sent(Inner(), GreWay::kNone), nullptr);
  EXPECT_EQ(Drops(here_, GreDrop::kNoWay), 1U);
  EXPECT_EQ(Sent(pool_.Copy(Bytes(40))), nullptr);
  EXPECT_EQ(Drops(here_, GreDrop::kNotIpv4), 1U);
  here_.Configure(At(0), std::nullopt);
  EXPECT_EQ(Sent(Inner()), nullptr);
  EXPECT_EQ(Drops(here_, GreDrop::kNotRunning), 1U);
}

TEST_F(GreTunnelTest, TakesOnlyIpv4AndNoneOfItsOwnAddress) {
  PacketPtr ipv6 = Sent(Inner());
  Store16(&ipv6->data()[22], 0x86dd);
  EXPECT_TRUE(Received(there_, std::move(ipv6)).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kProtocol), 1U);
  PacketPtr cut = Sent(Inner());
  cut->data()[24 + 10] ^= 1;  // checksum of the inner header
  EXPECT_TRUE(Received(there_, std::move(cut)).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kInner), 1U);
  EXPECT_TRUE(Received(there_, Sent(Inner(60, kThere))).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kOwnSource), 1U);
  PacketPtr routing = Sent(Inner());
  routing->data()[20] = 0x40;
  EXPECT_TRUE(Received(there_, std::move(routing)).delivered.empty());
  EXPECT_EQ(Drops(there_, GreDrop::kMalformed), 1U);
}

TEST_F(GreTunnelTest, BytesBehindTheInnerPacketAreNotItsOwn) {
  PacketPtr sent = Sent(Inner(60));
  sent->Append(7);
  Store16(&sent->data()[2], static_cast<std::uint16_t>(sent->size()));
  Store16(&sent->data()[10], 0);
  Store16(&sent->data()[10], hal::InternetChecksum(sent->data().first(20)));
  const GreOutput out = Received(there_, std::move(sent));
  ASSERT_EQ(out.delivered.size(), 1U);
  EXPECT_EQ(out.delivered[0]->size(), 60U);
}

TEST_F(GreTunnelTest, AKeepaliveCarriesItsAnswer) {
  Configure({.local = kHere, .remote = kThere, .key = 9, .keepalive = GreKeepalive{seconds(10), 3}}, 5);
  EXPECT_EQ(here_.deadline(), At(5));  // the first one goes at once
  EXPECT_TRUE(Tick(4).sent.empty());
  GreOutput out = Tick(5);
  ASSERT_EQ(out.sent.size(), 1U);
  EXPECT_EQ(here_.deadline(), At(15));
  GreOutput back = Received(there_, std::move(out.sent[0]));
  ASSERT_EQ(back.sent.size(), 1U);
  const ByteView answer = std::as_const(*back.sent[0]).data();
  const Bytes expected = {192, 0, 2, 2, 192, 0, 2, 1, 0x20, 0, 0, 0, 0, 0, 0, 9};
  EXPECT_EQ(Bytes(answer.begin() + 12, answer.end()), expected);
  EXPECT_EQ(answer[8], 254);  // one hop on
  EXPECT_TRUE(hal::ParseIpv4(answer).has_value());
  EXPECT_EQ(there_.counters().input_packets, 0U);
  Received(here_, std::move(back.sent[0]));
  EXPECT_EQ(here_.counters().keepalives, 1U);
  EXPECT_EQ(here_.counters().answers, 1U);
  EXPECT_TRUE(here_.answered());
}

TEST_F(GreTunnelTest, IsDownAfterSoManyUnansweredAndUpWithTheNextAnswer) {
  Configure({.local = kHere, .remote = kThere, .keepalive = GreKeepalive{seconds(10), 3}});
  for (int second : {0, 10, 20}) {
    EXPECT_EQ(Tick(second).sent.size(), 1U);
    EXPECT_TRUE(here_.answered());
  }
  GreOutput out = Tick(30);  // and goes on asking
  EXPECT_FALSE(here_.answered());
  GreTunnel plain(pool_, 0);
  plain.Configure(At(0), GreSettings{.local = kThere, .remote = kHere});
  std::vector<PacketPtr> burst;
  burst.push_back(Inner());
  GreOutput data;
  plain.Forward(At(31), GreWay::kOpen, burst, data);
  EXPECT_TRUE(Received(here_, std::move(data.sent[0]), 31).delivered.empty());
  EXPECT_EQ(Drops(here_, GreDrop::kLineDown), 1U);
  ASSERT_EQ(out.sent.size(), 1U);
  Received(here_, std::move(Received(plain, std::move(out.sent[0])).sent.at(0)));
  EXPECT_TRUE(here_.answered());
  for (int second : {40, 50, 60}) Tick(second);
  EXPECT_TRUE(here_.answered());
}

TEST_F(GreTunnelTest, OnlyAKeepaliveGoesBackToWhereItCameFrom) {
  // Outer to the other end, inside an outer packet "from the other end": what a hostile sender would have go round.
  for (const std::uint16_t protocol : {kGreIpv4, kGreKeepalive}) {
    PacketPtr packet = pool_.Take();
    packet->Append(4);
    WriteGre(packet->data(), {.protocol = protocol});
    hal::Ipv4Header header;
    header.protocol = kProtocolGre;
    header.source = kThere;
    header.destination = kHere;
    header.total_length = 24;
    hal::WriteIpv4(packet->Prepend(20), header);
    const ByteSpan gre = packet->Prepend(4);
    WriteGre(gre, {});
    header.source = kHere;
    header.destination = kThere;
    header.total_length = 48;
    hal::WriteIpv4(packet->Prepend(20), header);
    EXPECT_EQ(Received(there_, std::move(packet)).sent.size(), protocol == kGreKeepalive ? 1U : 0U);
  }
  EXPECT_EQ(Drops(there_, GreDrop::kOwnSource), 1U);
}

TEST_F(GreTunnelTest, KeepalivesBeginAnewWithOtherEndsOnly) {
  GreSettings settings{.local = kHere, .remote = kThere, .keepalive = GreKeepalive{seconds(10), 1}};
  Configure(settings);
  Tick(0);
  Tick(10);
  EXPECT_FALSE(here_.answered());
  settings.checksum = true;
  Configure(settings, 11);
  EXPECT_FALSE(here_.answered());
  settings.keepalive.reset();
  Configure(settings, 12);
  EXPECT_TRUE(here_.answered());
  EXPECT_EQ(here_.deadline(), Time::Never());
}

TEST(RateMeter, IsTheMeanOfFiveMinutes) {
  RateMeter meter;
  for (int second = 0; second < 300; ++second)
    for (int i = 0; i < 2; ++i) meter.Count(At(second), 500);
  EXPECT_EQ(meter.At(At(299)).packets, 2U);
  EXPECT_EQ(meter.At(At(299)).bytes, 1000U);
  EXPECT_EQ(meter.At(At(449)).packets, 1U);  // half of it is older
  EXPECT_EQ(meter.At(At(10000)).packets, 0U);
  meter.Count(At(10000), 300000);
  EXPECT_EQ(meter.At(At(10001)).bytes, 1000U);
}

}  // namespace
}  // namespace sw::device
