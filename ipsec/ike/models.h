// What the IKE engine shows of itself: security associations as `display ike sa` lists them, counters as the IKE
// monitor MIB counts them, and events, from which `debugging ike` and the log are made. No secrets in any of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/suites.h"
#include "ipsec/ike/settings.h"
#include "ipsec/ike/types.h"

namespace sw::ipsec::ike {

// One row: phase 1, or the latest quick mode negotiated under it, while its SAs are not known to be gone.
struct SaInfo {
  std::uint32_t id = 0;  // connection-id
  std::string peer;      // configured name; empty: not known yet
  Ipv4 local;
  Endpoint remote;
  int phase = 1;
  // The flags (F1000 command manual page 708): RD, ST, RL, FD, TO.
  bool ready = false, stay_alive = false, replaced = false, fading = false, timeout = false;
  bool aggressive = false;
  bool nat_local = false, nat_remote = false;
  std::string remote_id;
  Phase1Proposal proposal;  // phase 1
  Duration age{0}, left{0};
};

// The switches of `debugging ike` (besides all); error is of guide page 185, the others recollection.
enum class IkeTopic : std::uint8_t { kError, kExchange, kMessage, kMisc, kTransport };
// kFailed: a negotiation did not come about, whoever began it.
enum class IkeEventKind : std::uint8_t { kNote, kEstablished, kEnded, kPeerLost, kFailed };

// X(enumerator, words of the log)
#define SW_IKE_FAILURES(X)                                             \
  X(kNoProposal, "no proposal chosen")                                 \
  X(kAuthentication, "authentication failed")                          \
  X(kIdentity, "the identity or the flow does not fit")                \
  X(kCertificate, "the certificate is missing or not accepted")        \
  X(kKeyExchange, "the key exchange does not fit")                     \
  X(kMessage, "a message is malformed or not expected")                \
  X(kNoAnswer, "the peer does not answer")                             \
  X(kNoPeer, "no IKE peer is configured for this address or identity") \
  X(kSettings, "the settings do not suffice")                          \
  X(kTooMany, "too many exchanges have begun")
enum class Failure : std::uint8_t {
#define SW_X(enumerator, words) enumerator,
  SW_IKE_FAILURES(SW_X)
#undef SW_X
};
constexpr std::string_view Phrase(Failure failure) {
  constexpr std::string_view kPhrases[] = {
#define SW_X(enumerator, words) words,
      SW_IKE_FAILURES(SW_X)
#undef SW_X
  };
  return kPhrases[static_cast<std::size_t>(failure)];
}

struct IkeEvent {
  IkeTopic topic = IkeTopic::kMisc;
  IkeEventKind what = IkeEventKind::kNote;
  Ipv4 local, remote;
  std::string peer;
  std::string text;                     // one line
  Failure failure = Failure::kMessage;  // kFailed
};

// Names and meaning: A3COM-HUAWEI-IKE-MONITOR-MIB, h3cIKEGlobalStats.
struct Counters {
  std::uint64_t in_octets = 0, in_packets = 0, in_drops = 0;
  std::uint64_t in_p2_exchanges = 0, in_p2_rejects = 0, in_p2_deletes = 0, in_notifies = 0;
  std::uint64_t out_octets = 0, out_packets = 0;
  std::uint64_t out_p2_exchanges = 0, out_p2_rejects = 0, out_p2_deletes = 0, out_notifies = 0;
  std::uint64_t initiated = 0, initiated_failed = 0, responded = 0, responded_failed = 0;
  std::uint64_t auth_fails = 0, no_sa = 0, invalid_cookie = 0, attribute_not_supported = 0, no_proposal = 0;
  std::uint64_t unsupported_exchange = 0, invalid_id = 0, invalid_protocol = 0, certificate_type_unsupported = 0;
  std::uint64_t invalid_certificate = 0, invalid_signature = 0, certificate_unavailable = 0;
  // Ours: what the limits on half-open exchanges refused.
  std::uint64_t half_open_refused = 0, dh_computations = 0;
};

}  // namespace sw::ipsec::ike
