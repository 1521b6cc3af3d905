// GRE headers byte by byte.
#include "device/gre/gre_packet.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

Bytes Written(const GreHeader& header, const Bytes& payload = {}) {
  Bytes out(header.size());
  out.insert(out.end(), payload.begin(), payload.end());
  WriteGre(out, header);
  return out;
}

TEST(GrePacket, WithoutOptionsIsFourBytes) {
  EXPECT_EQ(Written({}), (Bytes{0, 0, 8, 0}));
  const GreReading read = ReadGre(Bytes{0, 0, 8, 0, 0x45});
  EXPECT_EQ(read.fault, GreFault::kNone);
  EXPECT_EQ(read.header, GreHeader{});
}

TEST(GrePacket, OptionsStandInTheOrderOfTheRfcs) {
  const GreHeader header{.checksum = true, .key = 0x01020304, .sequence = 5, .protocol = 0x86dd};
  EXPECT_EQ(header.size(), 16U);
  // 0xb000 + 0x86dd + 0x0102 + 0x0304 + 0x0005 + 0xaabb + 0xcc00, carries added: 0xb1a5; its complement.
  EXPECT_EQ(Written(header, {0xaa, 0xbb, 0xcc}),
            (Bytes{0xb0, 0, 0x86, 0xdd, 0x4e, 0x5a, 0, 0, 1, 2, 3, 4, 0, 0, 0, 5, 0xaa, 0xbb, 0xcc}));
  const GreReading read = ReadGre(Written(header, {0xaa, 0xbb, 0xcc}));
  EXPECT_EQ(read.fault, GreFault::kNone);
  EXPECT_EQ(read.header, header);
}

TEST(GrePacket, EachOptionHasItsBit) {
  EXPECT_EQ(Written({.key = 0xffffffff}), (Bytes{0x20, 0, 8, 0, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_EQ(Written({.sequence = 1}), (Bytes{0x10, 0, 8, 0, 0, 0, 0, 1}));
  EXPECT_EQ(Written({.checksum = true}), (Bytes{0x80, 0, 8, 0, 0x77, 0xff, 0, 0}));
  EXPECT_EQ(ReadGre(Bytes{0x10, 0, 8, 0, 0, 0, 0, 9}).header.sequence, 9U);
}

TEST(GrePacket, AChecksumThatIsThereIsVerifiedOverEverything) {
  const Bytes good = Written({.checksum = true, .key = 7}, {1, 2, 3, 4, 5});
  EXPECT_EQ(ReadGre(good).fault, GreFault::kNone);
  for (std::size_t at = 2; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 0x40;
    EXPECT_EQ(ReadGre(bad).fault, GreFault::kChecksum) << at;
  }
}

TEST(GrePacket, WhatEndsTooEarlyIsRefused) {
  const Bytes whole = Written({.checksum = true, .key = 1, .sequence = 2});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(ReadGre(ByteView(whole).first(size)).fault, GreFault::kMalformed) << size;
}

TEST(GrePacket, BitsOfTheOlderRfcAndOtherVersionsAreRefusedReservedOnesIgnored) {
  for (int bit = 0; bit < 16; ++bit) {
    Bytes bytes(16);  // room for every option
    Store16(bytes.data(), static_cast<std::uint16_t>(0x8000 >> bit));
    const bool refused = bit == 1 || bit == 4 || bit == 5 || bit >= 13;
    const GreFault fault = ReadGre(bytes).fault;
    if (bit == 0) {
      EXPECT_EQ(fault, GreFault::kChecksum);
    } else {
      EXPECT_EQ(fault, refused ? GreFault::kMalformed : GreFault::kNone) << bit;
    }
  }
}

}  // namespace
}  // namespace sw::device
