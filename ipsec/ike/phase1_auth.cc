#include "ipsec/ike/phase1_auth.h"

#include <fmt/format.h>

namespace sw::ipsec::ike {
namespace {

constexpr std::uint8_t kCertificateSignature = 4;  // RFC 2408 section 3.9: X.509 certificate - signature

bool IdentityFits(const IsakmpSa& sa, const PeerSettings& peer, const Identity& id) {
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

bool Owns(const hal::Certificate& certificate, const Identity& id) {
  if (id.kind == IdKind::kIpv4) return certificate.HasAddress(Ipv4(Load32(id.data.data())));
  if (id.kind == IdKind::kDn) return certificate.HasSubject(id.data);
  return certificate.HasName(AsText(id.data));
}

std::optional<Notification> CheckSignature(Shared& shared, IsakmpSa& sa, const Payloads& payloads, const Identity& id,
                                           ByteView hash) {
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  const Payload* signature = Find(payloads, PayloadType::kSignature);
  if (peer == nullptr || peer->credentials == nullptr) return Notification::kCertificateUnavailable;
  if (signature == nullptr) return Notification::kPayloadMalformed;
  // The end's own certificate comes first; others in the message would be its chain, which a single CA does not need.
  const Payload* certificate = Find(payloads, PayloadType::kCertificate);
  if (certificate == nullptr || certificate->body.empty()) return Notification::kCertificateUnavailable;
  if (certificate->body[0] != kCertificateSignature) return Notification::kCertTypeUnsupported;
  const auto verified = peer->credentials->Verify(certificate->body.subspan(1), shared.services.wall_clock());
  if (!verified.ok()) {
    shared.report.Explain(sa, "certificate refused: " + verified.why());
    return verified.status().code() == Code::kBadValue ? Notification::kInvalidCertEncoding
                                                       : Notification::kInvalidCertificate;
  }
  const hal::Certificate& owner = **verified;
  // With a DN the name that is asked for must be in the certificate.
  const bool wanted = id.kind != IdKind::kDn || peer->remote_name.empty() || owner.HasName(peer->remote_name) ||
                      owner.subject_text() == peer->remote_name;
  if (!Owns(owner, id) || !wanted) {
    shared.report.Explain(sa, fmt::format("certificate {} is not that of {}", owner.subject_text(), id.ToString()));
    return Notification::kInvalidIdInformation;
  }
  if (!owner.Signed(hash, signature->body)) return Notification::kInvalidSignature;
  return std::nullopt;
}

bool AddSignature(const PeerSettings& peer, ByteView hash, ChainWriter& chain) {
  if (peer.credentials == nullptr) return false;
  Bytes certificate{kCertificateSignature};
  const Bytes& der = peer.credentials->certificate();
  certificate.insert(certificate.end(), der.begin(), der.end());
  const Bytes signature = peer.credentials->Sign(hash);
  if (signature.empty()) return false;
  chain.Add(PayloadType::kCertificate, certificate);
  chain.Add(PayloadType::kSignature, signature);
  return true;
}

}  // namespace

bool AddAuthentication(Shared& shared, const IsakmpSa& sa, Phase1State& state, ChainWriter& chain, bool with_id,
                       bool tell_lifetime) {
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  if (peer == nullptr) return false;
  if (state.own_id().empty()) state.own_id() = OwnIdentity(shared.settings, sa, *peer);
  if (with_id) chain.Add(PayloadType::kId, state.own_id());
  const SecretBytes hash = AuthenticationHash(sa.keys, state.inputs, sa.role, state.sa_body, state.own_id());
  if (!sa.proposal.rsa_signature) {
    chain.Add(PayloadType::kHash, hash.view());
  } else if (!AddSignature(*peer, hash.view(), chain)) {
    return false;
  }
  const Bytes cookies = CookieBytes(sa.cookies);
  if (sa.initiator() && shared.sas.FindPeer({sa.peer, sa.remote.address}) == nullptr)
    chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, Notification::kInitialContact, cookies, {}}));
  if (state.shortened && tell_lifetime) {
    Bytes life;
    Writer attributes(life);
    PutLife(attributes, phase1::kLifeType, phase1::kLifeDuration, kSeconds, sa.proposal.seconds);
    chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, Notification::kResponderLifetime, cookies, life}));
  }
  return true;
}

void AddCertificateRequest(const Shared& shared, const IsakmpSa& sa, ChainWriter& chain) {
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  // An aggressive initiator has not heard yet which proposal is taken.
  if (peer == nullptr || peer->credentials == nullptr || !sa.proposal.rsa_signature) return;
  Bytes body{kCertificateSignature};
  const Bytes& name = peer->credentials->ca_subject();
  body.insert(body.end(), name.begin(), name.end());
  chain.Add(PayloadType::kCertificateRequest, body);
}

std::optional<Notification> Authenticate(Shared& shared, IsakmpSa& sa, Phase1State& state, const Payloads& payloads,
                                         Proof proof) {
  const Payload* id_payload = Find(payloads, PayloadType::kId);
  if (id_payload != nullptr && !proof.id_is_known) state.peer_id() = CopyOf(id_payload->body);
  const Parsed<Identity> parsed = ParseIdentity(state.peer_id());
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const auto& id = std::get<Identity>(parsed);
  if (proof.names_peer)
    for (const auto& [name, peer] : shared.settings.peers)
      if (peer.credentials != nullptr && !peer.remote_name.empty() && AsText(id.data) == peer.remote_name &&
          (peer.remote_first.empty() || peer.AtAddress(sa.remote.address)))
        sa.peer = name;
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  if (peer == nullptr || !IdentityFits(sa, *peer, id)) {
    shared.report.Explain(sa, fmt::format("identity {} is not that of the peer", id.ToString()));
    return Notification::kInvalidIdInformation;
  }
  const Role author = sa.initiator() ? Role::kResponder : Role::kInitiator;
  const SecretBytes hash = AuthenticationHash(sa.keys, state.inputs, author, state.sa_body, state.peer_id());
  if (sa.proposal.rsa_signature) {
    if (auto fault = CheckSignature(shared, sa, payloads, id, hash.view())) return fault;
  } else {
    const Payload* theirs = Find(payloads, PayloadType::kHash);
    if (theirs == nullptr) return Notification::kPayloadMalformed;
    if (!hal::EqualConstantTime(theirs->body, hash.view())) return Notification::kInvalidHashInformation;
  }
  sa.remote_id = id.ToString();
  return std::nullopt;
}

}  // namespace sw::ipsec::ike
