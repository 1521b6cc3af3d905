#include "ipsec/ike/main_mode.h"

#include <fmt/format.h>

#include <array>

#include "ipsec/ike/phase1_auth.h"
#include "ipsec/ike/vendor.h"

namespace sw::ipsec::ike {
namespace {

bool Shortens(const SaOffer& answer, const Phase1Proposal& proposal) {
  const auto life = answer[0].transforms[0].Life(phase1::kLifeType, kSeconds);
  return life && proposal.seconds < *life;
}

}  // namespace

Phase1Exchange::Awaited MainMode::awaited() const {
  switch (step_) {
    case Step::kProof5:
      return {Form::kSealed, true};
    case Step::kProof6:
      return {Form::kSealed, false};
    default:
      return {};
  }
}

Phase1Exchange::Fault MainMode::Take(const Payloads& payloads) {
  using Taker = Fault (MainMode::*)(const Payloads&);
  static constexpr std::array<Taker, 5> kTakers = {&MainMode::TakeAnswer2, &MainMode::TakeKey3, &MainMode::TakeKey4,
                                                   &MainMode::TakeProof5, &MainMode::TakeProof6};
  if (step_ == Step::kDone) return Notification::kInvalidCookie;
  return (this->*kTakers[static_cast<std::size_t>(step_)])(payloads);
}

void MainMode::Begin(const PeerSettings& peer, std::vector<Phase1Proposal> proposals) {
  state_.offered = std::move(proposals);
  state_.sa_body = SaBody(OfferPhase1(state_.offered));
  ChainWriter chain;
  chain.Add(PayloadType::kSa, state_.sa_body);
  AddVendorIds(chain, peer.nat_traversal);
  step_ = Step::kAnswer2;
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(I): main mode begins", sa_.connection));
  Send(chain, true);
}

void MainMode::Answer(const Payloads& payloads, const PeerSettings&, const ChosenPhase1& chosen) {
  state_.sa_body = CopyOf(Find(payloads, PayloadType::kSa)->body);
  state_.shortened = Shortens(chosen.answer, sa_.proposal);
  ChainWriter chain;
  chain.Add(PayloadType::kSa, SaBody(chosen.answer));
  AddVendorIds(chain, sa_.nat);
  step_ = Step::kKey3;
  Send(chain, false);
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(R): main mode begins", sa_.connection));
}

Phase1Exchange::Fault MainMode::TakeAnswer2(const Payloads& payloads) {
  if (auto fault = TakeAnswer(shared_, sa_, state_, payloads)) return fault;
  ChooseKey(shared_, state_, shared_.dh.Make(sa_.proposal.group));
  ChainWriter chain;
  AddKey(state_, chain);
  AddCertificateRequest(shared_, sa_, chain);
  AddNatDetection(sa_, chain);
  step_ = Step::kKey4;
  Send(chain, true);
  return std::nullopt;
}

Phase1Exchange::Fault MainMode::TakeKey3(const Payloads& payloads) {
  if (auto fault = TakeKey(sa_, state_, payloads)) return fault;
  Proven();
  ChooseKey(shared_, state_, shared_.dh.Make(sa_.proposal.group));
  DetectNat(sa_, payloads, false);
  ChainWriter chain;
  AddKey(state_, chain);
  if (!AgreeKeys(shared_, sa_, state_)) return Notification::kInvalidKeyInformation;
  AddCertificateRequest(shared_, sa_, chain);
  AddNatDetection(sa_, chain);
  step_ = Step::kProof5;
  Send(chain, false);
  return std::nullopt;
}

Phase1Exchange::Fault MainMode::TakeKey4(const Payloads& payloads) {
  if (auto fault = TakeKey(sa_, state_, payloads)) return fault;
  DetectNat(sa_, payloads, false);
  if (!AgreeKeys(shared_, sa_, state_)) return Notification::kInvalidKeyInformation;
  FloatPorts(shared_.report, sa_);
  ChainWriter chain;
  if (!AddAuthentication(shared_, sa_, state_, chain, true)) return Notification::kCertificateUnavailable;
  step_ = Step::kProof6;
  SendSealed(Exchange::kMain, chain, true);
  return std::nullopt;
}

Phase1Exchange::Fault MainMode::TakeProof5(const Payloads& payloads) {
  // With signatures the identity comes only now, and with it which of the peers this is.
  if (auto fault = Authenticate(shared_, sa_, state_, payloads, {.names_peer = sa_.proposal.rsa_signature}))
    return fault;
  ChainWriter chain;
  if (!AddAuthentication(shared_, sa_, state_, chain, true, true)) return Notification::kCertificateUnavailable;
  SendSealed(Exchange::kMain, chain, false);
  step_ = Step::kDone;
  shared_.orders.Established(sa_, payloads);
  return std::nullopt;
}

Phase1Exchange::Fault MainMode::TakeProof6(const Payloads& payloads) {
  if (auto fault = Authenticate(shared_, sa_, state_, payloads)) return fault;
  step_ = Step::kDone;
  shared_.orders.Established(sa_, payloads);
  return std::nullopt;
}

}  // namespace sw::ipsec::ike
