// CPace (draft-irtf-cfrg-cpace-21), suite CPACE-RISTR255-SHA512, for one initiator and one responder: two ends that
// know the same password agree on a key, and one exchange tells an attacker whether one guess was right and nothing
// else.
//
// Each end begins, sends its share, and finishes with the peer's. What comes of it is a key that both have only if the
// passwords, the names, the channel and the session identifier are the same; whether they are says the confirmation.
// The group is libsodium's (hal/soft/cpace.cc). Any thread; nothing blocks. Not covered: how often an attacker may try,
// which its caller limits, and quantum computers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hal/base/bytes.h"
#include "hal/base/random.h"
#include "hal/base/secret.h"

namespace sw::hal {

inline constexpr std::size_t kCpaceShareBytes = 32, kCpaceKeyBytes = 64, kCpaceTagBytes = 64;

// What both ends know beforehand; each may be empty. The views live as long as the call.
struct CpaceInputs {
  ByteView secret{};                          // PRS, the password
  std::string_view initiator{}, responder{};  // names of the parties; with `channel` they are the draft's CI
  ByteView channel{};                         // what else both know of the channel
  ByteView session{};                         // sid, chosen by both for this exchange alone
};

enum class CpaceRole : std::uint8_t { kInitiator, kResponder };

class Cpace {
 public:
  // `associated`: what this end sends beside its share (ADa or ADb), covered by key and confirmation.
  static Cpace Begin(CpaceRole role, const CpaceInputs& inputs, ByteView associated, Random& random);

  ByteView share() const { return share_; }  // Ya or Yb

  struct Outcome {
    SecretBytes key;      // ISK
    Bytes tag, expected;  // of the confirmation: what to send, and what must come; compare with EqualConstantTime
  };
  // nullopt: the share is no element of the group, is the identity, or is this end's own come back. Then the exchange
  // must be given up. A Cpace finishes any number of shares, each as if it were the only one: its caller allows one.
  std::optional<Outcome> Finish(ByteView peer_share, ByteView peer_associated) const;

 private:
  Cpace(CpaceRole role, SecretBytes scalar, Bytes share, Bytes associated, Bytes session)
      : role_(role),
        scalar_(std::move(scalar)),
        share_(std::move(share)),
        associated_(std::move(associated)),
        session_(std::move(session)) {}

  CpaceRole role_;
  SecretBytes scalar_;
  Bytes share_, associated_, session_;
};

}  // namespace sw::hal
