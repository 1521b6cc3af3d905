#include "hal/ports/offload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/ports/checksum.h"
#include "hal/ports/ipv4.h"

namespace sw::hal {
namespace {

constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kPsh = 0x08, kAck = 0x10, kEce = 0x40, kCwr = 0x80;
constexpr std::uint8_t kTcp = 6, kUdp = 17;

// A TCP or UDP packet from 10.1.0.1 to 10.2.0.1 with right checksums.
struct Template {
  std::uint8_t protocol = kTcp;
  std::uint16_t id = 100;
  std::uint32_t sequence = 1000;
  std::uint8_t flags = kAck;
  std::size_t payload = 100;
  std::uint16_t port = 4000;
  std::uint8_t tos = 0, ttl = 64;
  bool dont_fragment = false;
  Bytes options = {};
  std::uint16_t window = 500;
};

std::size_t HeaderBytes(const Template& t) {
  return 20 + (t.protocol == kTcp ? 20 + t.options.size() : 8);
}

void Complete(Bytes& packet) {
  const std::size_t ip = (packet[0] & 0xfU) * std::size_t{4};
  Store16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  Store16(&packet[10], 0);
  Store16(&packet[10], InternetChecksum(ByteView(packet).first(ip)));
  std::uint8_t* field = &packet[ip + (packet[9] == kTcp ? 16 : 6)];
  Store16(field, 0);
  Bytes pseudo(packet.begin() + 12, packet.begin() + 20);
  pseudo.insert(pseudo.end(), {0, packet[9], 0, 0});
  Store16(&pseudo[10], static_cast<std::uint16_t>(packet.size() - ip));
  pseudo.insert(pseudo.end(), packet.begin() + static_cast<std::ptrdiff_t>(ip), packet.end());
  const std::uint16_t sum = InternetChecksum(pseudo);
  Store16(field, sum == 0 && packet[9] == kUdp ? 0xffff : sum);
}

Bytes Make(const Template& t) {
  Bytes out(HeaderBytes(t) + t.payload);
  out[0] = 0x45;
  out[1] = t.tos;
  Store16(&out[4], t.id);
  out[6] = t.dont_fragment ? 0x40 : 0;
  out[8] = t.ttl;
  out[9] = t.protocol;
  Store32(&out[12], 0x0a010001);
  Store32(&out[16], 0x0a020001);
  Store16(&out[20], t.port);
  Store16(&out[22], 80);
  if (t.protocol == kTcp) {
    Store32(&out[24], t.sequence);
    Store32(&out[28], 7777);
    out[32] = static_cast<std::uint8_t>((20 + t.options.size()) / 4 << 4);
    out[33] = t.flags;
    Store16(&out[34], t.window);
    std::copy(t.options.begin(), t.options.end(), out.begin() + 40);
  } else {
    Store16(&out[24], static_cast<std::uint16_t>(8 + t.payload));
  }
  for (std::size_t i = 0; i < t.payload; ++i)
    out[HeaderBytes(t) + i] = static_cast<std::uint8_t>(t.sequence + i * 7 + i / 256);
  Complete(out);
  return out;
}

class Offload : public testing::Test {
 protected:
  // The packets that `large` stands for; nullopt: refused.
  std::optional<std::vector<Bytes>> Cutting(const OffloadHeader& header, const Bytes& large) {
    std::vector<PacketPtr> out;
    if (!Cut(header, large, pool_, out)) {
      EXPECT_TRUE(out.empty());
      return std::nullopt;
    }
    std::vector<Bytes> bytes;
    for (const PacketPtr& p : out) bytes.emplace_back(p->data().begin(), p->data().end());
    return bytes;
  }

  struct Written {
    OffloadHeader header;
    Bytes bytes;
    std::size_t packets;
  };
  std::vector<Written> Joining(const std::vector<Bytes>& packets, bool udp = true) {
    std::vector<Bytes> copies = packets;
    std::vector<ByteSpan> burst(copies.begin(), copies.end());
    std::vector<Written> out;
    for (const Joiner::Write& write : joiner_.Plan(burst, udp)) {
      std::vector<iovec> pieces;
      joiner_.Pieces(write, burst, pieces);
      Written w{write.header, {}, write.packets};
      for (const iovec& piece : pieces) {
        const auto* at = static_cast<const std::uint8_t*>(piece.iov_base);
        w.bytes.insert(w.bytes.end(), at, at + piece.iov_len);
      }
      EXPECT_EQ(w.bytes.size(), write.bytes);
      out.push_back(std::move(w));
    }
    return out;
  }
  // What the kernel makes of what was written.
  std::vector<Bytes> RoundTrip(const std::vector<Bytes>& packets) {
    std::vector<Bytes> out;
    for (const Written& w : Joining(packets)) {
      auto parts = Cutting(w.header, w.bytes);
      EXPECT_TRUE(parts);
      if (parts) out.insert(out.end(), parts->begin(), parts->end());
    }
    return out;
  }
  void ExpectAlone(const Bytes& a, const Bytes& b) {
    const auto written = Joining({a, b});
    ASSERT_EQ(written.size(), 2U);
    for (const Written& w : written) EXPECT_EQ(w.header.gso_type, kGsoNone);
    EXPECT_EQ(written[0].bytes, a);
    EXPECT_EQ(written[1].bytes, b);
  }
  static std::vector<Bytes> Stream(Template t, std::initializer_list<std::size_t> sizes) {
    std::vector<Bytes> out;
    for (std::size_t size : sizes) {
      t.payload = size;
      out.push_back(Make(t));
      t.sequence += static_cast<std::uint32_t>(size);
      ++t.id;
    }
    return out;
  }

  PacketPool pool_;
  Joiner joiner_;
};

OffloadHeader Tso(std::uint16_t size) {
  OffloadHeader h;
  h.flags = kNeedsChecksum;
  h.gso_type = kGsoTcp4;
  h.gso_size = size;
  return h;
}

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
