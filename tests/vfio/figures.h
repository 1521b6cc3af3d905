// What an engine carries inside the guest, beside software on the same emulated processor. Emulation is slow: the ratio
// says more than the figures.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "hal/soft/software_device.h"

namespace sw::hal {

// Packets of one SA, AES-CBC-128 with HMAC-SHA1.
struct Traffic {
  static constexpr std::uint32_t kText = 1024;
  static SaSpec Spec() {
    return {Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(ByteView(Bytes(16, 7))),
            SecretBytes(ByteView(Bytes(20, 9)))};
  }
  static CryptoOp Op(SaHandle sa, Bytes& packet, std::uint64_t number) {
    packet.assign(8 + 16 + kText + 12, static_cast<std::uint8_t>(number));
    CryptoOp op;
    op.sa = sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.iv_offset = 8;
    op.cipher_offset = 24;
    op.cipher_length = kText;
    op.auth_length = op.icv_offset = 24 + kText;
    op.context = number;
    return op;
  }
};

inline double SecondsPerPacket(CryptoDevice& engine, std::size_t in_flight) {
  const SaHandle sa = *engine.AddSa(Traffic::Spec());
  constexpr std::uint64_t kPackets = 2000;
  std::vector<Bytes> packets(in_flight);
  CryptoOp done[8];
  std::uint64_t submitted = 0, completed = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto passed = [begin] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  while (completed < kPackets && passed() < 60) {
    while (submitted < kPackets && submitted - completed < in_flight) {
      const CryptoOp op = Traffic::Op(sa, packets[submitted % in_flight], submitted);
      if (engine.Submit({&op, 1}) == 0) break;
      ++submitted;
    }
    completed += engine.Complete(done);
  }
  EXPECT_EQ(completed, kPackets);
  const double out = passed() / kPackets;
  (void)engine.RemoveSa(sa);
  return out;
}

inline void PrintFigures(const char* name, CryptoDevice& engine) {
  constexpr std::size_t kInFlight = 8;
  const std::unique_ptr<SoftwareDevice> software = *SoftwareDevice::Create();
  const double by_engine = SecondsPerPacket(engine, kInFlight), by_software = SecondsPerPacket(*software, kInFlight);
  const auto megabits = [](double seconds) { return 8 * Traffic::kText / seconds / 1e6; };
  std::printf(
      "figure: seal AES-CBC-128/HMAC-SHA1, %u bytes, %zu in flight, emulated processor: %s %.0f us a packet, %.0f "
      "Mbit/s; software %.0f us, %.0f Mbit/s\n",
      Traffic::kText, kInFlight, name, by_engine * 1e6, megabits(by_engine), by_software * 1e6, megabits(by_software));
}

}  // namespace sw::hal
