// Proposals, ours and the wire's: phase 1 (RFC 2409 appendix A) and phase 2 (RFC 2407 sections 4.4 and 4.5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ipsec/ike/settings.h"
#include "ipsec/ike/wire.h"
#include "ipsec/negotiation.h"

namespace sw::ipsec::ike {

SaOffer OfferPhase1(std::span<const Phase1Proposal> proposals);

// The first of `own` that the offer has too, with the smaller lifetime of both, and the answer: the transform as it
// came. Guide chapter 11 and RFC 2409 section 5: cipher, method, hash and group agree, lifetimes need not.
struct ChosenPhase1 {
  Phase1Proposal proposal;
  SaOffer answer;
};
std::optional<ChosenPhase1> ChoosePhase1(const SaOffer& offer, std::span<const Phase1Proposal> own);

// How NAT traversal is spoken: the RFC, or draft 02 and 03 with private numbers.
enum class NatDialect : std::uint8_t { kNone, kDraft, kRfc };

struct Spis {
  std::uint32_t esp = 0, ah = 0;
};
// Each protection as one proposal, AH in front of ESP within it. `udp`: ESP in UDP as this dialect says.
SaOffer OfferPhase2(std::span<const Protection> protections, const Spis& spis, hal::DhGroup pfs,
                    const Lifetime& lifetime, NatDialect udp);

// One protection of an offer, and which transforms it stands for.
struct Alternative {
  Protection protection;
  Spis spis;
  Lifetime lifetime;
  hal::DhGroup pfs = hal::DhGroup::kNone;
  std::size_t esp = 0, esp_transform = 0, ah = 0, ah_transform = 0;  // indexes; meaningful as protection has them
};
// What of the offer we can serve at all; at most kMaxAlternatives.
inline constexpr std::size_t kMaxAlternatives = 64;
std::vector<Alternative> ReadPhase2(const SaOffer& offer);
// The answer to an offer: this alternative with our SPIs.
SaOffer AnswerPhase2(const SaOffer& offer, const Alternative& chosen, const Spis& own);

}  // namespace sw::ipsec::ike
