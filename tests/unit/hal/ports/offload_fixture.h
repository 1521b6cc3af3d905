// TCP and UDP packets as a kernel gives and takes them, cut and joined.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "hal/ports/checksum.h"
#include "hal/ports/ipv4.h"
#include "hal/ports/offload.h"

namespace sw::hal {

inline constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kPsh = 0x08, kAck = 0x10, kEce = 0x40, kCwr = 0x80;
inline constexpr std::uint8_t kTcp = 6, kUdp = 17;

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

inline std::size_t HeaderBytes(const Template& t) {
  return 20 + (t.protocol == kTcp ? 20 + t.options.size() : 8);
}

inline void Complete(Bytes& packet) {
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

inline Bytes Make(const Template& t) {
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

inline OffloadHeader Tso(std::uint16_t size) {
  OffloadHeader h;
  h.flags = kNeedsChecksum;
  h.gso_type = kGsoTcp4;
  h.gso_size = size;
  return h;
}

}  // namespace sw::hal
