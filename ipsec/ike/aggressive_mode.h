// Aggressive mode (RFC 2409 sections 5.1 and 5.4): three messages, the identities in the clear.
#pragma once

#include "ipsec/ike/phase1.h"

namespace sw::ipsec::ike {

class AggressiveMode final : public Phase1Exchange {
 public:
  using Phase1Exchange::Phase1Exchange;

  void Begin(const PeerSettings& peer, std::vector<Phase1Proposal> proposals) override;
  void Answer(const Payloads& payloads, const PeerSettings& peer, const ChosenPhase1& chosen) override;
  bool peer_may_be_done() const override { return step_ == Step::kProof3; }

 private:
  // The message that is awaited.
  enum class Step : std::uint8_t { kAnswer2, kProof3, kDone };
  Awaited awaited() const override;
  Fault Take(const Payloads& payloads) override;
  bool BeforeOpening() override;
  Fault TakeAnswer2(const Payloads& payloads);
  Fault TakeProof3(const Payloads& payloads);

  Step step_ = Step::kAnswer2;
};

}  // namespace sw::ipsec::ike
