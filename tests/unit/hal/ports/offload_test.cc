#include "hal/ports/offload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/ports/checksum.h"
#include "hal/ports/ipv4.h"
#include "tests/unit/hal/ports/offload_fixture.h"

namespace sw::hal {
namespace {

TEST(Checksum, IsTheByteWiseSumAtEveryLengthAndContent) {
  Bytes data;
  std::uint32_t state = 1;
  for (std::size_t length = 0; length < 130; ++length) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += i % 2 == 0 ? std::uint32_t{data[i]} << 8 : data[i];
    EXPECT_EQ(ChecksumOf(data), FoldChecksum(sum)) << length;
    state = state * 1664525 + 1013904223;
    data.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  EXPECT_EQ(ChecksumOf(Bytes(65534, 0xff)), 0xffff);
}

TEST_F(Offload, CutsTcpAtTheSegmentSizeAndNumbersWhatItCuts) {
  const Bytes large = Make({.id = 0xffff, .sequence = 0xfffffff0, .payload = 250, .dont_fragment = true});
  const auto parts = Cutting(Tso(100), large);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  std::size_t at = 40;
  for (std::size_t i = 0; i < 3; ++i) {
    Bytes p = (*parts)[i];
    EXPECT_EQ(p.size(), i < 2 ? 140U : 90U);
    EXPECT_TRUE(ParseIpv4(p));
    EXPECT_EQ(Load16(&p[4]), static_cast<std::uint16_t>(0xffff + i));
    EXPECT_EQ(Load32(&p[24]), static_cast<std::uint32_t>(0xfffffff0 + i * 100));
    EXPECT_TRUE(std::equal(p.begin() + 40, p.end(), large.begin() + static_cast<std::ptrdiff_t>(at)));
    at += p.size() - 40;
    Bytes again = p;
    Complete(again);
    EXPECT_EQ(p, again);  // checksums are right
  }
}

TEST_F(Offload, KeepsFinAndPushForTheLastAndCwrForTheFirst) {
  const auto parts =
      Cutting(Tso(100), Make({.flags = kAck | kPsh | kFin | kCwr | kEce, .payload = 300, .options = Bytes(12, 1)}));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[0][33], kAck | kEce | kCwr);
  EXPECT_EQ((*parts)[1][33], kAck | kEce);
  EXPECT_EQ((*parts)[2][33], kAck | kEce | kPsh | kFin);
  for (const Bytes& p : *parts) EXPECT_TRUE(std::equal(p.begin() + 40, p.begin() + 52, Bytes(12, 1).begin()));
}

TEST_F(Offload, CutsUdpIntoDatagrams) {
  OffloadHeader h = Tso(100);
  h.gso_type = kGsoUdp;
  const auto parts = Cutting(h, Make({.protocol = kUdp, .payload = 201}));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  for (const Bytes& p : *parts) {
    EXPECT_EQ(Load16(&p[24]), p.size() - 20);
    Bytes again = p;
    Complete(again);
    EXPECT_EQ(p, again);
  }
  EXPECT_EQ((*parts)[2].size(), 29U);
}

TEST_F(Offload, KeepsIpOptions) {
  Bytes large = Make({.payload = 150});
  large[0] = 0x46;
  large.insert(large.begin() + 20, {1, 1, 1, 0});
  const auto parts = Cutting(Tso(100), large);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_TRUE(ParseIpv4((*parts)[1]));
  EXPECT_EQ((*parts)[1].size(), 94U);
}

TEST_F(Offload, CompletesAChecksumThatTheKernelLeftOpen) {
  for (std::uint8_t protocol : {kTcp, kUdp}) {
    const Bytes whole = Make({.protocol = protocol, .payload = 33});
    Bytes open = whole;
    const std::size_t field = protocol == kTcp ? 36 : 26;
    Store16(&open[field],
            FoldChecksum(PseudoHeaderSum(Ipv4(0x0a010001), Ipv4(0x0a020001), protocol, open.size() - 20)));
    OffloadHeader h;
    h.flags = kNeedsChecksum;
    h.csum_start = 20;
    h.csum_offset = static_cast<std::uint16_t>(field - 20);
    EXPECT_EQ(Cutting(h, open), std::vector<Bytes>{whole});
  }
  EXPECT_EQ(Cutting({}, Make({})), std::vector<Bytes>{Make({})});
}

TEST_F(Offload, RefusesHeadersThatContradictThePacket) {
  const Bytes good = Make({.payload = 300});
  EXPECT_FALSE(Cutting(Tso(0), good));
  EXPECT_FALSE(Cutting(Tso(1900), good));                     // a part would not fit a Packet
  EXPECT_FALSE(Cutting(Tso(100), Make({.protocol = kUdp})));  // TCP is said, UDP it is
  OffloadHeader unknown = Tso(100);
  unknown.gso_type = 3;
  EXPECT_FALSE(Cutting(unknown, Make({.protocol = kUdp})));
  unknown.gso_type = 4;  // IPv6
  EXPECT_FALSE(Cutting(unknown, good));
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes cut_short(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Cutting(Tso(100), cut_short));
  }
  for (unsigned offset : {0U, 4U, 0xfU}) {  // TCP header shorter than one, or past the end
    Bytes bent = Make({.payload = 0});
    bent[32] = static_cast<std::uint8_t>(offset << 4);
    EXPECT_FALSE(Cutting(Tso(100), bent));
  }
  Bytes fragment = good;
  fragment[7] = 1;
  EXPECT_FALSE(Cutting(Tso(100), fragment));
  OffloadHeader outside;
  outside.flags = kNeedsChecksum;
  outside.csum_start = 330;
  outside.csum_offset = 16;
  EXPECT_FALSE(Cutting(outside, good));
  EXPECT_FALSE(Cutting({}, Bytes(3000)));
}

}  // namespace
}  // namespace sw::hal
