#include "hal/ports/ipv4.h"

#include <gtest/gtest.h>

namespace sw::hal {
namespace {

Bytes Packet(std::size_t payload = 8) {
  Ipv4Header h;
  h.total_length = kIpv4HeaderSize + payload;
  h.tos = 0xb8;
  h.id = 0x1234;
  h.dont_fragment = true;
  h.protocol = kProtocolUdp;
  h.source = Ipv4(192, 0, 2, 1);
  h.destination = Ipv4(198, 51, 100, 7);
  Bytes out(h.total_length);
  WriteIpv4(out, h);
  return out;
}

TEST(Ipv4Header, WhatIsWrittenIsReadBack) {
  const auto h = ParseIpv4(Packet());
  ASSERT_TRUE(h);
  EXPECT_EQ(h->tos, 0xb8);
  EXPECT_EQ(h->id, 0x1234);
  EXPECT_TRUE(h->dont_fragment);
  EXPECT_FALSE(h->fragment());
  EXPECT_EQ(h->protocol, kProtocolUdp);
  EXPECT_EQ(h->source, Ipv4(192, 0, 2, 1));
  EXPECT_EQ(h->destination, Ipv4(198, 51, 100, 7));
}

TEST(Ipv4Header, TheChecksumIsThatOfTheWorkedExample) {
  // A header whose checksum is known to be b861.
  const Bytes bytes = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                       0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  EXPECT_EQ(InternetChecksum(bytes), 0xb861);
}

TEST(Ipv4Header, ContradictionsAreRefused) {
  EXPECT_FALSE(ParseIpv4({}));
  Bytes longer = Packet();
  longer.push_back(0);
  EXPECT_TRUE(ParseIpv4(longer)) << "padding behind the packet is allowed";
  Bytes shorter = Packet();
  shorter.pop_back();
  EXPECT_FALSE(ParseIpv4(shorter));
  for (std::size_t bit = 0; bit < kIpv4HeaderSize * 8; ++bit) {
    Bytes flipped = Packet();
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ParseIpv4(flipped)) << "bit " << bit;
  }
}

TEST(Ipv4Header, ALengthBelowTheHeaderIsRefused) {
  Ipv4Header h;
  h.total_length = 19;
  Bytes bytes(20);
  WriteIpv4(bytes, h);
  EXPECT_FALSE(ParseIpv4(bytes));
}

TEST(Ipv4Header, EveryTtlKeepsACorrectChecksum) {
  Bytes bytes = Packet();
  bytes[8] = 255;
  Store16(&bytes[10], 0);
  Store16(&bytes[10], InternetChecksum(ByteView(bytes).first(20)));
  for (int ttl = 254; ttl >= 0; --ttl) {
    DecrementTtl(bytes);
    const auto h = ParseIpv4(bytes);
    ASSERT_TRUE(h) << ttl;
    EXPECT_EQ(h->ttl, ttl);
  }
}

TEST(UdpChecksum, OverADatagramThatHoldsItComesOutAsOnes) {
  Bytes datagram = {0x13, 0x88, 0x26, 0x94, 0x00, 0x0b, 0x00, 0x00, 'a', 'b', 'c'};
  const Ipv4 from(192, 0, 2, 1), to(198, 51, 100, 7);
  Store16(&datagram[6], UdpChecksum(from, to, datagram));
  EXPECT_EQ(UdpChecksum(from, to, datagram), 0xffff);
  datagram[9] ^= 1;
  EXPECT_NE(UdpChecksum(from, to, datagram), 0xffff);
}

TEST(EchoResult, ReadsRepliesAndQuotedRequests) {
  Bytes reply(kIcmpHeaderSize + 5);
  WriteIcmp(reply, IcmpType::kEchoReply, 0, 7, 9);
  const auto r = ParseEchoResult(reply);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->id, 7);
  EXPECT_EQ(r->sequence, 9);
  EXPECT_EQ(r->size, 5U);

  Bytes error(kIcmpHeaderSize + kIpv4HeaderSize + 8);
  Ipv4Header h;
  h.protocol = kProtocolIcmp;
  h.total_length = 84;  // more than is quoted
  h.destination = Ipv4(192, 0, 2, 9);
  WriteIpv4(ByteSpan(error).subspan(kIcmpHeaderSize), h);
  WriteIcmp(ByteSpan(error).last(8), IcmpType::kEchoRequest, 0, 3, 4);
  WriteIcmp(error, IcmpType::kTimeExceeded, 0, 0, 0);
  const auto e = ParseEchoResult(error);
  ASSERT_TRUE(e);
  EXPECT_EQ(e->type, IcmpType::kTimeExceeded);
  EXPECT_EQ(e->id, 3);
  EXPECT_EQ(e->sequence, 4);
  EXPECT_EQ(e->asked, Ipv4(192, 0, 2, 9));
}

TEST(EchoResult, ReadsQuotedDatagramsByTheirPorts) {
  Bytes error(kIcmpHeaderSize + kIpv4HeaderSize + 8);
  Ipv4Header h;
  h.protocol = kProtocolUdp;
  h.total_length = 84;
  h.destination = Ipv4(192, 0, 2, 9);
  WriteIpv4(ByteSpan(error).subspan(kIcmpHeaderSize), h);
  Store16(&error[kIcmpHeaderSize + kIpv4HeaderSize], 50000);
  Store16(&error[kIcmpHeaderSize + kIpv4HeaderSize + 2], 33434);
  WriteIcmp(error, IcmpType::kUnreachable, static_cast<std::uint8_t>(Unreachable::kPort), 0, 0);
  const auto e = ParseEchoResult(error);
  ASSERT_TRUE(e);
  EXPECT_TRUE(e->datagram);
  EXPECT_EQ(e->code, 3);
  EXPECT_EQ(e->id, 50000);
  EXPECT_EQ(e->sequence, 33434);
  EXPECT_EQ(e->asked, Ipv4(192, 0, 2, 9));
}

TEST(FillEcho, RepeatsThePatternOrCountsToNine) {
  Bytes payload(11);
  FillEcho(payload, "");
  EXPECT_EQ(payload, (Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2}));
  FillEcho(payload, std::string_view("\x00\xab", 2));
  EXPECT_EQ(payload, (Bytes{0, 0xab, 0, 0xab, 0, 0xab, 0, 0xab, 0, 0xab, 0}));
}

TEST(EchoResult, ForeignAndBrokenMessagesAreNoResult) {
  Bytes request(kIcmpHeaderSize);
  WriteIcmp(request, IcmpType::kEchoRequest, 0, 7, 9);
  EXPECT_FALSE(ParseEchoResult(request));
  Bytes reply(kIcmpHeaderSize);
  WriteIcmp(reply, IcmpType::kEchoReply, 0, 7, 9);
  reply[6] ^= 1;
  EXPECT_FALSE(ParseEchoResult(reply)) << "checksum";
  EXPECT_FALSE(ParseEchoResult({}));
  Bytes cut(kIcmpHeaderSize + kIpv4HeaderSize + 7);
  Ipv4Header h;
  h.protocol = kProtocolIcmp;
  WriteIpv4(ByteSpan(cut).subspan(kIcmpHeaderSize), h);
  WriteIcmp(cut, IcmpType::kUnreachable, 0, 0, 0);
  EXPECT_FALSE(ParseEchoResult(cut)) << "quotes too little";
}

}  // namespace
}  // namespace sw::hal
