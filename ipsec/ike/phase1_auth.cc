// Who is there: HASH_I and HASH_R, or signatures over them with certificates (RFC 2409 sections 5.1 and 5.4).
#include <fmt/format.h>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

bool Engine::Impl::AddAuthentication(Phase1Sa& sa, ChainWriter& chain, bool with_id) {
  const PeerSettings* peer = FindPeer(sa.peer);
  if (peer == nullptr) return false;
  if (sa.own_id().empty()) sa.own_id() = OwnIdentity(sa, *peer);
  if (with_id) chain.Add(PayloadType::kId, sa.own_id());
  const SecretBytes hash = AuthenticationHash(sa.keys, sa.inputs, sa.role, sa.sa_body, sa.own_id());
  if (sa.proposal.rsa_signature) {
    if (peer->credentials == nullptr) return false;
    Bytes certificate{kCertificateSignature};
    const Bytes& der = peer->credentials->certificate();
    certificate.insert(certificate.end(), der.begin(), der.end());
    const Bytes signature = peer->credentials->Sign(hash.view());
    if (signature.empty()) return false;
    chain.Add(PayloadType::kCertificate, certificate);
    chain.Add(PayloadType::kSignature, signature);
  } else {
    chain.Add(PayloadType::kHash, hash.view());
  }
  const Bytes cookies = CookieBytes(sa.inputs.cookies);
  if (sa.initiator() && !peers.contains({sa.peer, sa.remote.address}))
    chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, Notification::kInitialContact, cookies, {}}));
  if (sa.shortened && sa.step == Phase1Sa::Step::kMain5) {
    Bytes life;
    Writer attributes(life);
    attributes.U16(0x8000 | phase1::kLifeType);
    attributes.U16(kSeconds);
    attributes.U16(phase1::kLifeDuration);
    attributes.U16(4);
    attributes.U32(sa.proposal.seconds);
    chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, Notification::kResponderLifetime, cookies, life}));
  }
  return true;
}

void Engine::Impl::AddCertificateRequest(const Phase1Sa& sa, ChainWriter& chain) const {
  const PeerSettings* peer = FindPeer(sa.peer);
  // An aggressive initiator has not heard yet which proposal is taken.
  const bool wanted = sa.proposal.rsa_signature;
  if (peer == nullptr || peer->credentials == nullptr || !wanted) return;
  Bytes body{kCertificateSignature};
  const Bytes& name = peer->credentials->ca_subject();
  body.insert(body.end(), name.begin(), name.end());
  chain.Add(PayloadType::kCertificateRequest, body);
}

bool Engine::Impl::IdentityFits(const Phase1Sa& sa, const PeerSettings& peer, const Identity& id) const {
  if (id.kind == IdKind::kIpv4 || id.kind == IdKind::kIpv4Subnet || id.kind == IdKind::kIpv4Range) {
    if (id.kind != IdKind::kIpv4) return false;
    const Ipv4 address(Load32(id.data.data()));
    // Behind a NAT an end knows its inner address only.
    return peer.remote_first.empty() || peer.AtAddress(address) || sa.nat_remote;
  }
  if (!peer.remote_name.empty() && id.kind != IdKind::kDn) return AsText(id.data) == peer.remote_name;
  // A pre-shared key is bound to the address then, a certificate to what it says itself.
  return peer.remote_name.empty() || sa.proposal.rsa_signature;
}

std::optional<Notification> Engine::Impl::Authenticate(Phase1Sa& sa, const Payloads& payloads) {
  const Payload* id_payload = One(payloads, PayloadType::kId);
  if (id_payload != nullptr && sa.step != Phase1Sa::Step::kAggressive3) sa.peer_id() = CopyOf(id_payload->body);
  const Parsed<Identity> parsed = ParseIdentity(sa.peer_id());
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const auto& id = std::get<Identity>(parsed);

  // In main mode with signatures the identity comes only now, and with it which of the peers this is.
  if (sa.step == Phase1Sa::Step::kMain5 && sa.proposal.rsa_signature)
    for (const auto& [name, peer] : settings.peers)
      if (peer.credentials != nullptr && !peer.remote_name.empty() && AsText(id.data) == peer.remote_name &&
          (peer.remote_first.empty() || peer.AtAddress(sa.remote.address)))
        sa.peer = name;
  const PeerSettings* peer = FindPeer(sa.peer);
  if (peer == nullptr || !IdentityFits(sa, *peer, id)) {
    Explain(sa, fmt::format("identity {} is not that of the peer", id.ToString()));
    return Notification::kInvalidIdInformation;
  }
  const Role author = sa.initiator() ? Role::kResponder : Role::kInitiator;
  const SecretBytes hash = AuthenticationHash(sa.keys, sa.inputs, author, sa.sa_body, sa.peer_id());
  if (sa.proposal.rsa_signature) {
    if (auto fault = CheckSignature(sa, payloads, id, hash.view())) return fault;
  } else {
    const Payload* theirs = One(payloads, PayloadType::kHash);
    if (theirs == nullptr) return Notification::kPayloadMalformed;
    if (!hal::EqualConstantTime(theirs->body, hash.view())) return Notification::kInvalidHashInformation;
  }
  sa.remote_id = id.ToString();
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::CheckSignature(Phase1Sa& sa, const Payloads& payloads, const Identity& id,
                                                         ByteView hash) {
  const PeerSettings* peer = FindPeer(sa.peer);
  const Payload* signature = One(payloads, PayloadType::kSignature);
  if (peer == nullptr || peer->credentials == nullptr) return Notification::kCertificateUnavailable;
  if (signature == nullptr) return Notification::kPayloadMalformed;
  // The end's own certificate comes first; others in the message would be its chain, which a single CA does not need.
  const Payload* certificate = One(payloads, PayloadType::kCertificate);
  if (certificate == nullptr || certificate->body.empty()) return Notification::kCertificateUnavailable;
  if (certificate->body[0] != kCertificateSignature) return Notification::kCertTypeUnsupported;
  const auto verified = peer->credentials->Verify(certificate->body.subspan(1), services.wall_clock());
  if (!verified.ok()) {
    Explain(sa, "certificate refused: " + verified.why());
    return verified.status().code() == Code::kBadValue ? Notification::kInvalidCertEncoding
                                                       : Notification::kInvalidCertificate;
  }
  const hal::Certificate& owner = **verified;
  const bool named = id.kind == IdKind::kIpv4 ? owner.HasAddress(Ipv4(Load32(id.data.data())))
                     : id.kind == IdKind::kDn ? owner.HasSubject(id.data)
                                              : owner.HasName(AsText(id.data));
  // With a DN the name that is asked for must be in the certificate.
  const bool wanted = id.kind != IdKind::kDn || peer->remote_name.empty() || owner.HasName(peer->remote_name) ||
                      owner.subject_text() == peer->remote_name;
  if (!named || !wanted) {
    Explain(sa, fmt::format("certificate {} is not that of {}", owner.subject_text(), id.ToString()));
    return Notification::kInvalidIdInformation;
  }
  if (!owner.Signed(hash, signature->body)) return Notification::kInvalidSignature;
  return std::nullopt;
}

}  // namespace sw::ipsec::ike
