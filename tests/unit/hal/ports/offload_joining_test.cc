// What comes out small is joined to large packets.
#include "hal/ports/offload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/ports/checksum.h"
#include "hal/ports/ipv4.h"
#include "tests/unit/hal/ports/offload_fixture.h"

namespace sw::hal {
namespace {

TEST_F(Offload, JoinsAStreamAndTheCutOfItIsWhatCame) {
  const auto packets = Stream({.options = Bytes(12, 1)}, {100, 100, 100, 60});
  const auto written = Joining(packets);
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].packets, 4U);
  const OffloadHeader& h = written[0].header;
  EXPECT_EQ(h.gso_type, kGsoTcp4);
  EXPECT_EQ(h.gso_size, 100);
  EXPECT_EQ(h.hdr_len, 52);
  EXPECT_EQ(h.flags, kNeedsChecksum);
  EXPECT_EQ(h.csum_start, 20);
  EXPECT_EQ(h.csum_offset, 16);
  EXPECT_TRUE(ParseIpv4(written[0].bytes));
  EXPECT_EQ(ParseIpv4(written[0].bytes)->total_length, 412U);
  EXPECT_EQ(RoundTrip(packets), packets);
}

TEST_F(Offload, JoinsUdpOfOneSizeOnlyWhereTheKernelCutsIt) {
  const auto packets = Stream({.protocol = kUdp}, {64, 64, 64, 10, 64});
  EXPECT_EQ(Joining(packets, false).size(), 5U);
  const auto written = Joining(packets);
  ASSERT_EQ(written.size(), 2U);
  EXPECT_EQ(written[0].packets, 4U);
  EXPECT_EQ(RoundTrip(packets), packets);
}

// The kernel refuses a whole large UDP packet of more than UDP_MAX_SEGMENTS parts.
TEST_F(Offload, JoinsNoMoreUdpThanTheOldestKernelCuts) {
  std::vector<Bytes> packets;
  for (std::uint16_t i = 0; i < 150; ++i)
    packets.push_back(Make({.protocol = kUdp, .id = static_cast<std::uint16_t>(100 + i), .payload = 64}));
  const auto written = Joining(packets);
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[0].packets, 64U);
  EXPECT_EQ(written[2].packets, 22U);
  EXPECT_EQ(RoundTrip(packets), packets);
}

TEST_F(Offload, AShorterOrPushedPacketEndsARun) {
  auto packets = Stream({}, {100, 50, 100, 100, 100});
  packets[3] = Make({.id = 103, .sequence = 1250, .flags = kAck | kPsh});
  const auto written = Joining(packets);
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[0].packets, 2U);
  EXPECT_EQ(written[1].packets, 2U);
  EXPECT_NE(written[1].bytes[33] & kPsh, 0);
  EXPECT_EQ(RoundTrip(packets), packets);
}

TEST_F(Offload, NeverMakesAPacketLargerThanIpv4Allows) {
  std::vector<Bytes> packets;
  Template t{.payload = 1400};
  for (int i = 0; i < 100; ++i) {
    packets.push_back(Make(t));
    t.sequence += 1400;
    ++t.id;
  }
  const auto written = Joining(packets);
  EXPECT_EQ(written.size(), 3U);
  for (const Written& w : written) EXPECT_LE(w.bytes.size(), kMaxIpv4Packet);
  EXPECT_EQ(RoundTrip(packets), packets);
}

TEST_F(Offload, LeavesAloneWhatDiffersInAnythingButThePosition) {
  const Template first;
  Template next{.id = 101, .sequence = 1100};
  ASSERT_EQ(Joining({Make(first), Make(next)}).size(), 1U);
  using Bend = void (*)(Template&);
  const std::pair<const char*, Bend> bends[] = {
      {"a gap", [](Template& t) { ++t.sequence; }},
      {"sent again", [](Template& t) { t.sequence = 1000; }},
      {"id out of turn", [](Template& t) { ++t.id; }},
      {"larger", [](Template& t) { t.payload = 101; }},
      {"ECN", [](Template& t) { t.tos = 3; }},
      {"TTL", [](Template& t) { t.ttl = 63; }},
      {"DF", [](Template& t) { t.dont_fragment = true; }},
      {"window", [](Template& t) { t.window = 501; }},
      {"options", [](Template& t) { t.options = Bytes(4, 1); }},
      {"SYN", [](Template& t) { t.flags = kAck | kSyn; }},
      {"FIN", [](Template& t) { t.flags = kAck | kFin; }},
      {"ECE", [](Template& t) { t.flags = kAck | kEce; }},
      {"CWR", [](Template& t) { t.flags = kAck | kCwr; }},
      {"no payload", [](Template& t) { t.payload = 0; }},
      {"another flow", [](Template& t) { t.port = 4001; }},
  };
  for (const auto& [name, bend] : bends) {
    SCOPED_TRACE(name);
    Template bent = next;
    bend(bent);
    ExpectAlone(Make(first), Make(bent));
  }
  Bytes other_ack = Make(next);
  Store32(&other_ack[28], 7778);
  Complete(other_ack);
  ExpectAlone(Make(first), other_ack);
}

TEST_F(Offload, TheIdOfWhatMustNotBeFragmentedSaysNothing) {
  const Bytes a = Make({.id = 0, .dont_fragment = true});
  const Bytes b = Make({.id = 0, .sequence = 1100, .dont_fragment = true});
  EXPECT_EQ(Joining({a, b}).size(), 1U);
}

TEST_F(Offload, ADamagedPacketStaysAloneAndDamaged) {
  const Bytes a = Make({}), b = Make({.id = 101, .sequence = 1100});
  for (std::size_t at : {std::size_t{10}, std::size_t{36}, std::size_t{60}}) {  // IP and TCP checksums, payload
    Bytes bad = b;
    bad[at] ^= 1;
    ExpectAlone(a, bad);
    bad = a;
    bad[at] ^= 1;
    ExpectAlone(bad, b);
  }
  Bytes fragment = b;
  fragment[6] = 0x20;
  Complete(fragment);
  ExpectAlone(a, fragment);
  Bytes no_checksum = Make({.protocol = kUdp, .id = 101});
  Store16(&no_checksum[26], 0);
  ExpectAlone(Make({.protocol = kUdp}), no_checksum);
}

TEST_F(Offload, FlowsThatTakeTurnsAreJoinedEachAndNothingOvertakesInItsFlow) {
  std::vector<Bytes> packets;
  for (std::uint16_t i = 0; i < 4; ++i)
    for (std::uint16_t flow = 0; flow < 3; ++flow)
      packets.push_back(Make({.id = static_cast<std::uint16_t>(100 + i),
                              .sequence = 1000U + i * 100U,
                              .port = static_cast<std::uint16_t>(4000 + flow)}));
  EXPECT_EQ(Joining(packets).size(), 3U);

  auto stream = Stream({}, {100, 100, 100});
  const Bytes pure_ack = Make({.id = 200, .sequence = 1200, .payload = 0});
  const auto written = Joining({stream[0], stream[1], pure_ack, stream[2]});
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[0].packets, 2U);
  EXPECT_EQ(written[1].bytes, pure_ack);
  EXPECT_EQ(written[2].bytes, stream[2]);
}

TEST_F(Offload, ManyFlowsAreStillWrittenWhole) {
  std::vector<Bytes> packets;
  for (std::uint16_t i = 0; i < 2; ++i)
    for (std::uint16_t flow = 0; flow < 40; ++flow)
      packets.push_back(Make({.id = static_cast<std::uint16_t>(100 + i),
                              .sequence = 1000U + i * 100U,
                              .port = static_cast<std::uint16_t>(4000 + flow)}));
  auto back = RoundTrip(packets);
  std::sort(back.begin(), back.end());
  std::sort(packets.begin(), packets.end());
  EXPECT_EQ(back, packets);
}

TEST_F(Offload, WhatIsNoIpv4GoesAsItIs) {
  for (const Bytes& odd : {Bytes{}, Bytes{0x45}, Bytes(40, 0x60), Bytes(25, 0x45)}) {
    const auto written = Joining({Make({}), odd});
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[1].bytes, odd);
  }
}

}  // namespace
}  // namespace sw::hal
