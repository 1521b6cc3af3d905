// The state of one negotiation, as the engine keeps it: an ISAKMP SA in the making or made, and the quick mode
// exchanges under it. Values; who changes them is ipsec/ike/core.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "ipsec/ike/keys.h"
#include "ipsec/ike/models.h"
#include "ipsec/ike/proposals.h"
#include "ipsec/ike/settings.h"

namespace sw::ipsec::ike {

using MessageDigest = hal::Sha256Digest;  // of the last message heard: the same again is a retransmission

// What was sent last and may have to be sent again.
struct Outstanding {
  Bytes message;
  int sent = 0;
  Time next = Time::Never();  // Never: only when the other end repeats itself
};

struct Quick {
  enum class Step : std::uint8_t { kOffered, kAnswered, kDone };
  std::uint32_t message_id = 0;
  std::uint32_t connection = 0;
  Role role = Role::kInitiator;
  Step step = Step::kOffered;
  Wish wish;  // initiator's; the responder's policy and flow are in it, too
  Protection protection;
  Spis own, theirs;
  SaOffer offer;  // initiator: what was sent
  std::optional<hal::DhKey> dh;
  SecretBytes shared;
  Bytes nonce_i, nonce_r, iv;
  MessageDigest heard{};
  Outstanding out;
  Time forget = Time::Never();
};

struct Phase1Sa {
  // Named after the message that is awaited (main mode 2..6, aggressive mode 2 and 3).
  enum class Step : std::uint8_t { kMain2, kMain3, kMain4, kMain5, kMain6, kAggressive2, kAggressive3, kReady };
  std::uint32_t connection = 0;
  Role role = Role::kInitiator;
  Step step = Step::kMain2;
  bool aggressive = false;
  std::string peer;
  Endpoint local, remote;
  Ipv4 began_with;  // the other end's address in the first message; `remote` follows a NAT

  Phase1Proposal proposal;
  std::vector<Phase1Proposal> offered;  // initiator
  Phase1Inputs inputs;
  Phase1Keys keys;
  std::shared_ptr<const hal::DhKey> dh;
  Bytes sa_body, id_i, id_r;  // SAi_b, IDii_b, IDir_b
  Bytes iv;                   // the next message's; once ready: the last block of phase 1

  NatDialect nat = NatDialect::kNone;
  bool nat_local = false, nat_remote = false;
  bool peer_dpd = false;
  bool shortened = false;  // responder: our lifetime is smaller than what was offered
  bool proven = false;     // responder: the cookie came back
  bool confirmed = false;  // aggressive initiator: the other end has shown that it has message 3
  std::string remote_id;

  MessageDigest heard_digest{};
  Outstanding out;
  std::vector<Wish> waiting;
  std::map<std::uint32_t, Quick> quicks;  // by message ID
  std::set<std::uint32_t> used_ids;       // of the other end's exchanges: a replay is one of these
  std::string trouble;                    // the last thing that went wrong, for the operator
  std::optional<Failure> failure;         // what kind of thing that was
  std::string detail;                     // what the message at hand lacks

  Time created, established, soft = Time::Never(), expires = Time::Never();
  bool fading = false, replaced = false, timeout = false;
  bool probing = false;  // initiator: begun to see whether the other end lives

  Time heard;  // last authenticated message
  std::uint32_t dpd_sequence = 0;
  int dpd_failures = 0;
  Time dpd_due = Time::Never();
  Time keepalive_send = Time::Never(), keepalive_watch = Time::Never(), nat_keepalive = Time::Never();

  Time deadline = Time::Never();  // as it stands in the engine's index

  bool ready() const { return step == Step::kReady; }
  bool initiator() const { return role == Role::kInitiator; }
  Bytes& own_id() { return initiator() ? id_i : id_r; }
  Bytes& peer_id() { return initiator() ? id_r : id_i; }
  Bytes& own_public() { return initiator() ? inputs.public_i : inputs.public_r; }
  Bytes& peer_public() { return initiator() ? inputs.public_r : inputs.public_i; }
  Bytes& own_nonce() { return initiator() ? inputs.nonce_i : inputs.nonce_r; }
  Bytes& peer_nonce() { return initiator() ? inputs.nonce_r : inputs.nonce_i; }
};

}  // namespace sw::ipsec::ike
