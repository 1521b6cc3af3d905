// What the gateway shows of itself: pairs of SAs, counters. Units: bytes, seconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ipsec/policy.h"

namespace sw::ipsec {

// A cipher as `display ipsec sa` and debugging name it.
constexpr std::string_view ShortName(hal::Cipher cipher) {
  constexpr std::array<std::string_view, 8> kNames = {"NULL",    "DES",     "3DES",        "AES-128",
                                                      "AES-192", "AES-256", "AES-GCM-128", "AES-GCM-256"};
  return kNames[static_cast<std::size_t>(cipher)];
}

// One SA of a pair.
struct SaView {
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;  // sent last, or the highest received
  std::uint64_t packets = 0, bytes = 0, drops = 0;
};

// The SAs of one flow: what protects it in both directions.
struct BundleView {
  int connection = 0;
  std::string interface;
  std::string policy;
  int number = 0;
  PolicyMode mode = PolicyMode::kIsakmp;
  std::string peer;
  Protection protection;
  hal::DhGroup pfs = hal::DhGroup::kNone;
  Ipv4 local, remote;
  Selector flow;
  std::optional<std::uint16_t> nat_port;
  std::size_t path_mtu = 0;
  std::uint64_t matched = 0;  // packets that leave
  Lifetime lifetime;          // 0: without that limit
  std::int64_t seconds_left = 0;
  std::uint64_t bytes_left = 0;
  std::optional<SaView> in_esp, in_ah, out_esp, out_ah;
};

// A flow whose policy is kept, with the packets that found it so.
struct FastFlowView {
  std::string interface;
  Ipv4 source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;
  std::string policy;
  int number = 0;
  std::uint64_t packets = 0;
};

// Why a packet was dropped, as `display ipsec statistics` counts (IPsec MIB, global drop counters).
enum class Cause : std::uint8_t { kNoMemory, kNoSa, kQueueFull, kAuthentication, kLength, kReplay, kTooLong, kWrongSa };
inline constexpr std::size_t kCauses = 8;
inline constexpr std::array<std::string_view, kCauses> kCausePhrases = {
    "no enough memory", "can't find SA", "queue is full",   "authentication is failed",
    "wrong length",     "replay packet", "too long packet", "wrong SA"};
constexpr std::string_view Phrase(Cause cause) {
  return kCausePhrases[static_cast<std::size_t>(cause)];
}

struct Statistics {
  struct Side {
    std::uint64_t packets = 0, bytes = 0, dropped = 0;
  };
  Side in, out;
  std::array<std::uint64_t, kCauses> causes{};
  std::uint64_t clear_dropped = 0;  // of kWrongSa: came unprotected though a policy wants it protected

  template <typename State>
  void Fields(State& state) {
    state(in.packets, in.bytes, in.dropped, out.packets, out.bytes, out.dropped, causes, clear_dropped);
  }
};

}  // namespace sw::ipsec
