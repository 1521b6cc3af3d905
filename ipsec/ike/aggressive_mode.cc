#include "ipsec/ike/aggressive_mode.h"

#include <fmt/format.h>

#include "ipsec/ike/phase1_auth.h"
#include "ipsec/ike/vendor.h"

namespace sw::ipsec::ike {

// The last message may come as it likes.
Phase1Exchange::Awaited AggressiveMode::awaited() const {
  return step_ == Step::kProof3 ? Awaited{Form::kEither, true} : Awaited{};
}

Phase1Exchange::Fault AggressiveMode::Take(const Payloads& payloads) {
  switch (step_) {
    case Step::kAnswer2:
      return TakeAnswer2(payloads);
    case Step::kProof3:
      return TakeProof3(payloads);
    case Step::kDone:
      break;
  }
  return Notification::kInvalidCookie;
}

void AggressiveMode::Begin(const PeerSettings& peer, std::vector<Phase1Proposal> proposals) {
  // One key exchange value goes with all of them: those of the first one's group.
  const hal::DhGroup group = proposals.front().group;
  std::erase_if(proposals, [&](const Phase1Proposal& p) { return p.group != group; });
  sa_.proposal = proposals.front();
  state_.offered = std::move(proposals);
  state_.sa_body = SaBody(OfferPhase1(state_.offered));
  ChainWriter chain;
  chain.Add(PayloadType::kSa, state_.sa_body);
  ChooseKey(shared_, state_, shared_.dh.Make(group));
  AddKey(state_, chain);
  state_.id_i = OwnIdentity(shared_.settings, sa_, peer);
  chain.Add(PayloadType::kId, state_.id_i);
  AddCertificateRequest(shared_, sa_, chain);
  AddVendorIds(chain, peer.nat_traversal);
  step_ = Step::kAnswer2;
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(I): aggressive mode begins", sa_.connection));
  Send(chain, true);
}

void AggressiveMode::Answer(const Payloads& payloads, const PeerSettings& peer, const ChosenPhase1& chosen) {
  const auto end = [this](std::string_view why, Failure failure) {
    shared_.orders.End(sa_, std::string(why), failure);
  };
  state_.sa_body = CopyOf(Find(payloads, PayloadType::kSa)->body);
  state_.id_i = CopyOf(Find(payloads, PayloadType::kId)->body);
  if (TakeKey(sa_, state_, payloads)) return end("its key exchange is malformed", Failure::kKeyExchange);
  const hal::DhGroup group = sa_.proposal.group;
  if (sa_.proposal.rsa_signature) {
    ChooseKey(shared_, state_, shared_.dh.Make(group));
    if (!AgreeKeys(shared_, sa_, state_)) return end("its key exchange value is none", Failure::kKeyExchange);
  } else {
    // The computation waits for the cookie's return.
    ChooseKey(shared_, state_, shared_.dh.OfThisSecond(group));
    AgreeEarly(sa_, state_, peer.pre_shared_key);
  }
  ChainWriter chain;
  chain.Add(PayloadType::kSa, SaBody(chosen.answer));
  AddKey(state_, chain);
  step_ = Step::kProof3;
  if (!AddAuthentication(shared_, sa_, state_, chain, true))
    return end("we cannot authenticate ourselves", Failure::kSettings);
  AddCertificateRequest(shared_, sa_, chain);
  AddVendorIds(chain, sa_.nat);
  AddNatDetection(sa_, chain);
  Send(chain, false);
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(R): aggressive mode begins", sa_.connection));
}

Phase1Exchange::Fault AggressiveMode::TakeAnswer2(const Payloads& payloads) {
  if (auto fault = TakeAnswer(shared_, sa_, state_, payloads)) return fault;
  if (auto fault = TakeKey(sa_, state_, payloads)) return fault;
  DetectNat(sa_, payloads, false);
  if (!AgreeKeys(shared_, sa_, state_)) return Notification::kInvalidKeyInformation;
  if (auto fault = Authenticate(shared_, sa_, state_, payloads)) return fault;
  FloatPorts(shared_.report, sa_);
  ChainWriter chain;
  if (!AddAuthentication(shared_, sa_, state_, chain, false)) return Notification::kCertificateUnavailable;
  AddNatDetection(sa_, chain);
  SendSealed(Exchange::kAggressive, chain, false);
  step_ = Step::kDone;
  shared_.orders.Established(sa_, payloads);
  return std::nullopt;
}

// Here the cookie has come back: the computation that was put off is due.
bool AggressiveMode::BeforeOpening() {
  return step_ != Step::kProof3 || !sa_.keys.key.empty() || AgreeKeys(shared_, sa_, state_);
}

Phase1Exchange::Fault AggressiveMode::TakeProof3(const Payloads& payloads) {
  if (!BeforeOpening()) return Notification::kInvalidKeyInformation;
  Proven();
  DetectNat(sa_, payloads, true);
  if (auto fault = Authenticate(shared_, sa_, state_, payloads, {.id_is_known = true})) return fault;
  step_ = Step::kDone;
  shared_.orders.Established(sa_, payloads);
  return std::nullopt;
}

}  // namespace sw::ipsec::ike
