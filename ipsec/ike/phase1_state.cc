#include "ipsec/ike/phase1_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/vendor.h"

namespace sw::ipsec::ike {

void Phase1State::WipeSecrets() {
  dh.reset();
  inputs.shared = SecretBytes();
  inputs.pre_shared_key = SecretBytes();
}

std::vector<Phase1Proposal> Usable(const Settings& settings, const std::vector<const PeerSettings*>& peers) {
  const auto any = [&](auto has) { return std::any_of(peers.begin(), peers.end(), has); };
  const bool psk = any([](const PeerSettings* p) { return !p->pre_shared_key.empty(); });
  const bool rsa = any([](const PeerSettings* p) { return p->credentials != nullptr; });
  std::vector<Phase1Proposal> out;
  std::copy_if(settings.proposals.begin(), settings.proposals.end(), std::back_inserter(out),
               [&](const Phase1Proposal& p) { return p.rsa_signature ? rsa : psk; });
  return out;
}

std::optional<Notification> TakeAnswer(Shared& shared, IsakmpSa& sa, const Phase1State& state,
                                       const Payloads& payloads) {
  const Payload* body = Find(payloads, PayloadType::kSa);
  if (sa.cookies.responder == 0) return Notification::kInvalidCookie;
  if (body == nullptr) return Notification::kPayloadMalformed;
  const Parsed<SaOffer> answer = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&answer)) return *fault;
  const auto& offer = std::get<SaOffer>(answer);
  if (offer.size() != 1 || offer[0].transforms.size() != 1) return Notification::kBadProposalSyntax;
  std::optional<ChosenPhase1> chosen = ChoosePhase1(offer, state.offered);
  if (!chosen) return Notification::kNoProposalChosen;
  sa.proposal = chosen->proposal;
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  if (peer == nullptr) return Notification::kNoProposalChosen;
  const Abilities abilities = ReadVendorIds(payloads);
  sa.peer_dpd = abilities.dpd;
  sa.nat = peer->nat_traversal ? abilities.nat : NatDialect::kNone;
  return std::nullopt;
}

std::optional<Notification> TakeKey(const IsakmpSa& sa, Phase1State& state, const Payloads& payloads) {
  const Payload* key = Find(payloads, PayloadType::kKeyExchange);
  const Payload* nonce = Find(payloads, PayloadType::kNonce);
  if (key == nullptr || nonce == nullptr) return Notification::kPayloadMalformed;
  if (key->body.size() != hal::DhBytes(sa.proposal.group)) return Notification::kInvalidKeyInformation;
  if (!IsNonce(*nonce)) return Notification::kPayloadMalformed;
  state.peer_public() = CopyOf(key->body);
  state.peer_nonce() = CopyOf(nonce->body);
  return std::nullopt;
}

void ChooseKey(Shared& shared, Phase1State& state, std::shared_ptr<const hal::DhKey> dh) {
  state.dh = std::move(dh);
  state.own_public() = CopyOf(state.dh->public_value());
  state.own_nonce().resize(kNonceBytes);
  shared.services.random.Fill(state.own_nonce());
}

void AddKey(Phase1State& state, ChainWriter& chain) {
  chain.Add(PayloadType::kKeyExchange, state.own_public());
  chain.Add(PayloadType::kNonce, state.own_nonce());
}

bool AgreeKeys(Shared& shared, IsakmpSa& sa, Phase1State& state) {
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  if (peer == nullptr || state.dh == nullptr) return false;
  ++shared.counters.dh_computations;
  std::optional<SecretBytes> agreed = state.dh->Agree(state.peer_public());
  if (!agreed) return false;
  state.inputs.shared = std::move(*agreed);
  state.inputs.cookies = sa.cookies;
  state.inputs.hash = sa.proposal.hash;
  state.inputs.cipher = sa.proposal.cipher;
  state.inputs.pre_shared_key = sa.proposal.rsa_signature ? SecretBytes() : peer->pre_shared_key;
  sa.keys = DeriveKeys(state.inputs);
  sa.iv = sa.keys.first_iv;
  return true;
}

void AgreeEarly(IsakmpSa& sa, Phase1State& state, const SecretBytes& pre_shared_key) {
  state.inputs.cookies = sa.cookies;
  state.inputs.hash = sa.proposal.hash;
  state.inputs.pre_shared_key = pre_shared_key;
  sa.keys = EarlyKeys(state.inputs);
}

// RFC 3947 section 3.2: the other end's address first, then each of ours.
void AddNatDetection(const IsakmpSa& sa, ChainWriter& chain) {
  if (sa.nat == NatDialect::kNone) return;
  const PayloadType type = NatDetectionType(sa.nat);
  chain.Add(type, NatHash(sa.proposal.hash, sa.cookies, sa.remote));
  chain.Add(type, NatHash(sa.proposal.hash, sa.cookies, sa.local));
}

void DetectNat(IsakmpSa& sa, const Payloads& payloads, bool last) {
  if (sa.nat == NatDialect::kNone) return;
  const PayloadType type = NatDetectionType(sa.nat);
  // The last message may hash either port.
  const auto is = [&](ByteView hash, Endpoint end) {
    return hal::EqualConstantTime(hash, NatHash(sa.proposal.hash, sa.cookies, end)) ||
           (last && hal::EqualConstantTime(hash, NatHash(sa.proposal.hash, sa.cookies, {end.address, kPort})));
  };
  bool any = false, ours_seen = false, theirs_seen = false;
  for (const Payload& p : payloads) {
    if (p.type != type) continue;
    (any ? theirs_seen : ours_seen) |= is(p.body, any ? sa.remote : sa.local);
    any = true;
  }
  if (!any) {
    if (!last) sa.nat = NatDialect::kNone;
    return;
  }
  sa.nat_local = !ours_seen;
  sa.nat_remote = !theirs_seen;
}

void FloatPorts(const Report& report, IsakmpSa& sa) {
  if (!sa.nat_between() || sa.local.port == kNatPort) return;
  sa.local.port = kNatPort;
  sa.remote.port = kNatPort;
  report.Tell(
      IkeTopic::kTransport, sa,
      fmt::format("exchange {}: NAT between, on to {} - {}", sa.connection, sa.local.ToString(), sa.remote.ToString()));
}

Bytes OwnIdentity(const Settings& settings, const IsakmpSa& sa, const PeerSettings& peer) {
  Identity id = peer.name_id && !settings.local_name.empty() ? Identity::Name(settings.local_name)
                                                             : Identity::Address(sa.local.address);
  // RFC 2407 section 4.6.2: UDP and port 500, or zeroes; some ends insist on zeroes behind a NAT, so zeroes.
  return IdentityBody(id);
}

}  // namespace sw::ipsec::ike
