// ESP (RFC 4303) and AH (RFC 4302), without extended sequence numbers, over one crypto device: SA table, sequence
// numbers, anti-replay, lifetimes by time. No I/O, no clock of its own; packets come and go as values.
// An ESP packet is given and taken from its SPI on. AH covers the IP header, so an AH packet starts with that.
//
// Use: Protect/Unprotect queue packets, Flush hands what is queued to the device as one burst, Poll collects.
// With the software engine everything flushed is ready at the next Poll; a card may finish later, so the owner polls
// again when the card signals. Packets of one SA come back in order; what is refused before it reaches the device
// may come out of turn. A refused packet changes nothing but drop counters. Not thread-safe: one owner, one thread.
// Next headers are passed on, not judged: a dummy packet (59) comes out like any other.
// At most twice the device's max_burst packets wait or are in flight; more are dropped with kDeviceBusy.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/base/random.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"
#include "ipsec/drop.h"
#include "ipsec/negotiation.h"

namespace sw::ipsec {

// Next-header values the tunnel uses (IANA protocol numbers).
inline constexpr std::uint8_t kNextHeaderIpv4 = 4;
inline constexpr std::uint8_t kNextHeaderNone = 59;  // dummy packet, RFC 4303 section 2.6

struct SaParams {
  std::uint32_t spi = 0;            // inbound: from AllocateSpi; outbound: the peer's
  int suite = 0;                    // hal/suites.h; 13 protects nothing; 0: the algorithms below
  SecretBytes keys;                 // cipher key, then integrity key, each as long as its algorithm wants
  Time expires = Time::Never();     // from this on the SA carries nothing (RFC 4301 section 4.4.2.1, hard lifetime)
  std::uint32_t used_sequence = 0;  // outbound: numbers up to this one were already used with these keys
  SaProtocol protocol = SaProtocol::kEsp;
  EspAlgorithms algorithms = {};  // AH: the null cipher
};
std::size_t KeyBytes(int suite);  // 0 for suite 13 and for a suite that does not exist

// Names an SA for its whole life; never reused, so that a stale one is refused rather than mistaken.
using SaId = std::uint64_t;

struct SaCounters {
  std::uint64_t packets = 0, bytes = 0;  // bytes of inner packets that passed
  std::uint64_t drops = 0;
};
struct SaInfo {
  std::uint32_t spi;
  int suite;  // 0: algorithms of its own
  hal::Direction direction;
  Time created, expires;
  std::uint32_t sequence;  // outbound: last used; inbound: highest seen
  SaCounters counters;
};

struct Finished {
  PacketPtr packet;  // ok: outbound an ESP packet, inbound the inner packet; dropped: bytes undefined
  SaId sa = 0;       // 0: no SA matched
  hal::Direction direction = hal::Direction::kSeal;
  std::uint8_t next_header = 0;
  Drop drop = Drop::kNone;
  std::uint64_t context = 0;  // the caller's
};

struct SharedSa;
struct SaState;  // ipsec/sa_state.h

class Esp {
 public:
  // Both outlive this. The device is this Esp's alone: completions have no address. With `workers`, SAs are made ready
  // for so many data-path workers (ipsec/shared_sa.h); none where the device's work is not the thread's own.
  Esp(hal::CryptoDevice& device, Random& random, std::size_t workers = 0);
  // The device must not hold packets of this any more: poll until they are back. With the software engine they are.
  ~Esp();
  Esp(const Esp&) = delete;
  Esp& operator=(const Esp&) = delete;

  // An SPI no inbound SA of this table uses: random, never below 256 (RFC 4303 section 2.1). Unused ones cost nothing.
  std::uint32_t AllocateSpi(SaProtocol protocol = SaProtocol::kEsp);
  // kBadValue: suite, SPI below 256 or size of keys; kExists: inbound SPI in use; else as CryptoDevice::AddSa.
  Result<SaId> AddInbound(Time now, const SaParams& params);
  Result<SaId> AddOutbound(Time now, const SaParams& params);
  void Remove(SaId id);  // packets of it still in flight come back as drops; an unknown id is ignored
  std::optional<SaInfo> Info(SaId id) const;
  std::optional<SaId> FindInbound(std::uint32_t spi, SaProtocol protocol = SaProtocol::kEsp) const;
  // What workers may use beside this Esp, and after Remove for as long as they hold it. Null: an unknown id.
  std::shared_ptr<SharedSa> Shared(SaId id) const;
  // For a successor in another process; from then on this one seals with numbers that the successor may not use.
  // Nothing of the SA is in flight, no worker uses it. nullopt: an unknown id.
  std::optional<SaState> Save(SaId id);
  Result<SaId> Restore(const SaState& state);  // as the two Add

  // With an AH SA `packet` starts with its IP header, whose protocol is the next header.
  void Protect(Time now, SaId sa, PacketPtr packet, std::uint8_t next_header, std::uint64_t context);
  void Unprotect(Time now, PacketPtr esp_packet, std::uint64_t context);
  void UnprotectAh(Time now, PacketPtr ip_packet, std::uint64_t context);
  void Flush();
  void Poll(std::vector<Finished>& out);  // appends

  const std::array<std::uint64_t, kDropReasons>& drops() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The largest inner packet whose ESP packet (ESP header to ICV) has at most `outer` bytes with this suite. 0: none, or
// no such suite.
std::size_t InnerMtu(int suite, std::size_t outer);
std::size_t InnerMtu(const EspAlgorithms& algorithms, std::size_t outer);

}  // namespace sw::ipsec
