// Main mode (RFC 2409 sections 5.1 and 5.4): six messages, the identities encrypted.
#pragma once

#include "ipsec/ike/phase1.h"

namespace sw::ipsec::ike {

class MainMode final : public Phase1Exchange {
 public:
  using Phase1Exchange::Phase1Exchange;

  void Begin(const PeerSettings& peer, std::vector<Phase1Proposal> proposals) override;
  void Answer(const Payloads& payloads, const PeerSettings& peer, const ChosenPhase1& chosen) override;

 private:
  // The message that is awaited.
  enum class Step : std::uint8_t { kAnswer2, kKey3, kKey4, kProof5, kProof6, kDone };
  Awaited awaited() const override;
  Fault Take(const Payloads& payloads) override;
  Fault TakeAnswer2(const Payloads& payloads);
  Fault TakeKey3(const Payloads& payloads);
  Fault TakeKey4(const Payloads& payloads);
  Fault TakeProof5(const Payloads& payloads);
  Fault TakeProof6(const Payloads& payloads);

  Step step_ = Step::kAnswer2;
};

}  // namespace sw::ipsec::ike
