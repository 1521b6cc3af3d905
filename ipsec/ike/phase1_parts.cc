// What main and aggressive mode share: proposals, keys, NAT detection, our identity.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

std::vector<Phase1Proposal> Engine::Impl::Usable(const std::vector<const PeerSettings*>& candidates) const {
  const auto any = [&](auto has) { return std::any_of(candidates.begin(), candidates.end(), has); };
  const bool psk = any([](const PeerSettings* p) { return !p->pre_shared_key.empty(); });
  const bool rsa = any([](const PeerSettings* p) { return p->credentials != nullptr; });
  std::vector<Phase1Proposal> out;
  std::copy_if(settings.proposals.begin(), settings.proposals.end(), std::back_inserter(out),
               [&](const Phase1Proposal& p) { return p.rsa_signature ? rsa : psk; });
  return out;
}

std::optional<Notification> Engine::Impl::TakeAnswer(Phase1Sa& sa, const Payloads& payloads) {
  const Payload* body = One(payloads, PayloadType::kSa);
  if (sa.inputs.cookies.responder == 0) return Notification::kInvalidCookie;
  if (body == nullptr) return Notification::kPayloadMalformed;
  const Parsed<SaOffer> answer = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&answer)) return *fault;
  const auto& offer = std::get<SaOffer>(answer);
  if (offer.size() != 1 || offer[0].transforms.size() != 1) return Notification::kBadProposalSyntax;
  std::optional<ChosenPhase1> chosen = ChoosePhase1(offer, sa.offered);
  if (!chosen) return Notification::kNoProposalChosen;
  sa.proposal = chosen->proposal;
  const PeerSettings* peer = FindPeer(sa.peer);
  if (peer == nullptr) return Notification::kNoProposalChosen;
  const Abilities abilities = ReadVendorIds(payloads);
  sa.peer_dpd = abilities.dpd;
  sa.nat = peer->nat_traversal ? abilities.nat : NatDialect::kNone;
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeKey(Phase1Sa& sa, const Payloads& payloads) {
  const Payload* key = One(payloads, PayloadType::kKeyExchange);
  const Payload* nonce = One(payloads, PayloadType::kNonce);
  if (key == nullptr || nonce == nullptr) return Notification::kPayloadMalformed;
  if (key->body.size() != hal::DhBytes(sa.proposal.group)) return Notification::kInvalidKeyInformation;
  if (nonce->body.size() < 8 || nonce->body.size() > 256) return Notification::kPayloadMalformed;
  sa.peer_public() = CopyOf(key->body);
  sa.peer_nonce() = CopyOf(nonce->body);
  return std::nullopt;
}

void Engine::Impl::ChooseDh(Phase1Sa& sa, bool shared) {
  const hal::DhGroup group = sa.proposal.group;
  auto& slot = shared_dh[group];
  if (!shared || slot.second == nullptr || slot.first + 1s <= now()) {
    auto key = std::make_shared<const hal::DhKey>(hal::DhKey::Generate(group, services.random));
    ++counters.dh_computations;
    if (shared) slot = {now(), key};
    sa.dh = std::move(key);
  } else {
    sa.dh = slot.second;
  }
  sa.own_public() = CopyOf(sa.dh->public_value());
  sa.own_nonce().resize(kNonceBytes);
  services.random.Fill(sa.own_nonce());
}

bool Engine::Impl::AgreeKeys(Phase1Sa& sa) {
  const PeerSettings* peer = FindPeer(sa.peer);
  if (peer == nullptr || sa.dh == nullptr) return false;
  ++counters.dh_computations;
  std::optional<SecretBytes> shared = sa.dh->Agree(sa.peer_public());
  if (!shared) return false;
  sa.inputs.shared = std::move(*shared);
  sa.inputs.hash = sa.proposal.hash;
  sa.inputs.cipher = sa.proposal.cipher;
  sa.inputs.pre_shared_key = sa.proposal.rsa_signature ? SecretBytes() : peer->pre_shared_key;
  sa.keys = DeriveKeys(sa.inputs);
  sa.iv = sa.keys.first_iv;
  return true;
}

void Engine::Impl::AddKey(Phase1Sa& sa, ChainWriter& chain) {
  chain.Add(PayloadType::kKeyExchange, sa.own_public());
  chain.Add(PayloadType::kNonce, sa.own_nonce());
}

// RFC 3947 section 3.2: the other end's address first, then each of ours.
void Engine::Impl::AddNatDetection(const Phase1Sa& sa, ChainWriter& chain) const {
  if (sa.nat == NatDialect::kNone) return;
  const PayloadType type = NatDetectionType(sa.nat);
  chain.Add(type, NatHash(sa.proposal.hash, sa.inputs.cookies, sa.remote));
  chain.Add(type, NatHash(sa.proposal.hash, sa.inputs.cookies, sa.local));
}

void Engine::Impl::DetectNat(Phase1Sa& sa, const Payloads& payloads) {
  if (sa.nat == NatDialect::kNone) return;
  const PayloadType type = NatDetectionType(sa.nat);
  const bool last = sa.step == Phase1Sa::Step::kAggressive3;
  // Aggressive mode's last message may come from port 4500 and hash either port.
  const auto is = [&](ByteView hash, Endpoint end) {
    return hal::EqualConstantTime(hash, NatHash(sa.proposal.hash, sa.inputs.cookies, end)) ||
           (last && hal::EqualConstantTime(hash, NatHash(sa.proposal.hash, sa.inputs.cookies, {end.address, kPort})));
  };
  bool any = false, ours_seen = false, theirs_seen = false;
  for (const Payload& p : payloads) {
    if (p.type != type) continue;
    (any ? theirs_seen : ours_seen) |= is(p.body, any ? sa.remote : sa.local);
    any = true;
  }
  if (!any) {
    if (last) return;  // the first message cannot have them, the last need not
    sa.nat = NatDialect::kNone;
    return;
  }
  sa.nat_local = !ours_seen;
  sa.nat_remote = !theirs_seen;
}

void Engine::Impl::Float(Phase1Sa& sa) {
  if ((!sa.nat_local && !sa.nat_remote) || sa.local.port == kNatPort) return;
  sa.local.port = kNatPort;
  sa.remote.port = kNatPort;
  Tell(
      Topic::kTransport, sa,
      fmt::format("exchange {}: NAT between, on to {} - {}", sa.connection, sa.local.ToString(), sa.remote.ToString()));
}

Bytes Engine::Impl::OwnIdentity(const Phase1Sa& sa, const PeerSettings& peer) const {
  Identity id = peer.name_id && !settings.local_name.empty() ? Identity::Name(settings.local_name)
                                                             : Identity::Address(sa.local.address);
  // RFC 2407 section 4.6.2: UDP and port 500, or zeroes; some ends insist on zeroes behind a NAT, so zeroes.
  return IdentityBody(id);
}

}  // namespace sw::ipsec::ike
