// First messages of others: what fits no peer leaves no trace, what does is bounded.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {
namespace {

constexpr int kRsaRation = 10;  // aggressive openers with RSA a second: each costs two big computations

// Whose first message this may be, the most particular first.
std::vector<const PeerSettings*> Candidates(const Settings& settings, Ipv4 remote, const Identity* id) {
  std::vector<const PeerSettings*> named, addressed, open;
  for (const auto& [name, peer] : settings.peers) {
    const bool name_fits =
        id != nullptr && id->kind != IdKind::kIpv4 && !peer.remote_name.empty() && AsText(id->data) == peer.remote_name;
    if (!peer.remote_first.empty() && !peer.AtAddress(remote)) {
      continue;
    } else if (name_fits) {
      named.push_back(&peer);
    } else if (id != nullptr && !peer.remote_name.empty() && id->kind != IdKind::kIpv4 && id->kind != IdKind::kDn) {
      continue;  // another name is asked for
    } else if (!peer.remote_first.empty()) {
      addressed.push_back(&peer);
    } else if (peer.remote_name.empty() || peer.credentials != nullptr) {
      open.push_back(&peer);
    }
  }
  std::sort(addressed.begin(), addressed.end(), [](const PeerSettings* a, const PeerSettings* b) {
    const auto width = [](const PeerSettings* p) { return p->remote_last.value - p->remote_first.value; };
    return width(a) != width(b) ? width(a) < width(b) : a->name < b->name;
  });
  named.insert(named.end(), addressed.begin(), addressed.end());
  named.insert(named.end(), open.begin(), open.end());
  return named;
}

const PeerSettings* PeerFor(const std::vector<const PeerSettings*>& candidates, const Phase1Proposal& proposal) {
  for (const PeerSettings* peer : candidates)
    if (proposal.rsa_signature ? peer->credentials != nullptr : !peer->pre_shared_key.empty()) return peer;
  return nullptr;
}

bool Shortens(const SaOffer& answer, const Phase1Proposal& proposal) {
  const auto life = answer[0].transforms[0].Life(phase1::kLifeType, kSeconds);
  return life && proposal.seconds < *life;
}

}  // namespace

void Engine::Impl::Opener(const Header& header, ByteView message, Endpoint local, Endpoint remote) {
  if (header.encrypted() || header.message_id != 0) return CountDrop(Notification::kInvalidFlags);
  if (message.size() > kMaxOpenerBytes) return CountDrop(Notification::kUnequalPayloadLengths);
  const Parsed<Payloads> parsed =
      ParsePayloads(header.first, message.subspan(kHeaderBytes), false, settings.check_next_payload);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return CountDrop(*fault);
  const auto& payloads = std::get<Payloads>(parsed);
  header.exchange == Exchange::kMain ? OpenMain(header, payloads, local, remote, message)
                                     : OpenAggressive(header, payloads, local, remote, message);
}

// Stateless: a clear notification, smaller than what it answers.
void Engine::Impl::RefuseOpener(const Header& header, Endpoint local, Endpoint remote, Notification why) {
  CountDrop(why);
  Tell(Topic::kError, local.address, remote.address, "",
       fmt::format("drop message from {} due to notification type {}", remote.address.ToString(), Name(why)));
  TellFailed(local.address, remote.address, "", 1, FailureOf(why), "its first message is refused");
  ChainWriter chain;
  chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, why, {}, {}}));
  Bytes out;
  Writer writer(out);
  PutHeader(writer, {header.cookies, chain.first(), kVersion, Exchange::kInformational, 0, services.random.U32(),
                     static_cast<std::uint32_t>(kHeaderBytes + chain.bytes().size())});
  writer.Put(chain.bytes());
  ++counters.out_notifies;
  TransmitTo(local, remote, out);
}

bool Engine::Impl::Room(Ipv4 remote) {
  const auto evict = [&](const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t connection : list) {
      Phase1Sa* sa = Find(connection);
      if (sa == nullptr || sa->proven) continue;
      ++counters.half_open_refused;
      End(*sa, "it gives way to a newer one", Failure::kTooMany);
      return true;
    }
    return false;
  };
  const auto mine = half_open.find(remote);
  if (mine != half_open.end() && mine->second.size() >= kMaxHalfOpenPerAddress) {
    const std::vector<std::uint32_t> list = mine->second;
    if (!evict(list)) return false;
  }
  if (half_open_count < kMaxHalfOpen) return true;
  // The oldest of all is the one with the smallest number.
  std::uint32_t oldest = ~std::uint32_t{0};
  for (const auto& [address, list] : half_open)
    for (const std::uint32_t connection : list)
      if (const Phase1Sa* sa = Find(connection); sa != nullptr && !sa->proven) {
        oldest = std::min(oldest, connection);
        break;
      }
  return oldest != ~std::uint32_t{0} && evict({oldest});
}

// Whose first message it is, and what we answer to its offer; nullptr: it has been dropped or refused.
const PeerSettings* Engine::Impl::ForWhom(const Header& header, const Payloads& payloads, const Identity* id,
                                          Endpoint local, Endpoint remote, ChosenPhase1& chosen) {
  const auto drop = [&](Notification why) {
    CountDrop(why);
    return nullptr;
  };
  const Payload* body = One(payloads, PayloadType::kSa);
  if (body == nullptr) return drop(Notification::kPayloadMalformed);
  const auto candidates = Candidates(settings, remote.address, id);
  if (candidates.empty()) {
    ++counters.no_sa;
    TellFailed(local.address, remote.address, "", 1, Failure::kNoPeer, "");
    return drop(Notification::kInvalidIdInformation);
  }
  const Parsed<SaOffer> offer = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&offer)) return drop(*fault);
  std::optional<ChosenPhase1> found = ChoosePhase1(std::get<SaOffer>(offer), Usable(candidates));
  const PeerSettings* peer = found ? PeerFor(candidates, found->proposal) : nullptr;
  if (peer == nullptr) {
    RefuseOpener(header, local, remote, Notification::kNoProposalChosen);
    return nullptr;
  }
  chosen = std::move(*found);
  return peer;
}

// The state that an opener gets, once it is worth one; nullptr: there is no room, and that has been counted.
Phase1Sa* Engine::Impl::Admit(const Header& header, const Payloads& payloads, const PeerSettings& peer,
                              const ChosenPhase1& chosen, Endpoint local, Endpoint remote, ByteView message) {
  if (!Room(remote.address)) {
    ++counters.half_open_refused;
    CountDrop(Notification::kInvalidCookie);
    return nullptr;
  }
  Phase1Sa& sa = Make(Role::kResponder, {header.cookies.initiator, NewCookie()}, local, remote);
  sa.peer = peer.name;
  sa.proposal = chosen.proposal;
  sa.sa_body = CopyOf(One(payloads, PayloadType::kSa)->body);
  const Abilities abilities = ReadVendorIds(payloads);
  sa.peer_dpd = abilities.dpd;
  sa.nat = peer.nat_traversal ? abilities.nat : NatDialect::kNone;
  sa.heard_digest = hal::Sha256(message);
  return &sa;
}

void Engine::Impl::OpenMain(const Header& header, const Payloads& payloads, Endpoint local, Endpoint remote,
                            ByteView message) {
  ChosenPhase1 chosen;
  const PeerSettings* peer = ForWhom(header, payloads, nullptr, local, remote, chosen);
  Phase1Sa* admitted = peer == nullptr ? nullptr : Admit(header, payloads, *peer, chosen, local, remote, message);
  if (admitted == nullptr) return;
  Phase1Sa& sa = *admitted;
  sa.shortened = Shortens(chosen.answer, sa.proposal);
  ChainWriter chain;
  chain.Add(PayloadType::kSa, SaBody(chosen.answer));
  AddVendorIds(chain, sa.nat);
  sa.step = Phase1Sa::Step::kMain3;
  SendFirst(sa, sa.out, Clear(sa, chain), false);
  Tell(Topic::kExchange, sa, fmt::format("exchange {}(R): main mode begins", sa.connection));
  Rearm(sa);
}

void Engine::Impl::OpenAggressive(const Header& header, const Payloads& payloads, Endpoint local, Endpoint remote,
                                  ByteView message) {
  const Payload* id_payload = One(payloads, PayloadType::kId);
  if (id_payload == nullptr) return CountDrop(Notification::kPayloadMalformed);
  const Parsed<Identity> id = ParseIdentity(id_payload->body);
  if (const auto* fault = std::get_if<Notification>(&id)) return CountDrop(*fault);
  ChosenPhase1 chosen;
  const PeerSettings* peer = ForWhom(header, payloads, &std::get<Identity>(id), local, remote, chosen);
  if (peer == nullptr) return;
  // The key exchange value is of the group that the initiator hopes for.
  const Payload* key = One(payloads, PayloadType::kKeyExchange);
  const Payload* nonce = One(payloads, PayloadType::kNonce);
  if (key == nullptr || nonce == nullptr || key->body.size() != hal::DhBytes(chosen.proposal.group))
    return RefuseOpener(header, local, remote, Notification::kInvalidKeyInformation);
  if (chosen.proposal.rsa_signature) {
    if (ration_from + 1s <= now()) {
      ration_from = now();
      ration = kRsaRation;
    }
    if (ration == 0) {
      ++counters.half_open_refused;
      return CountDrop(Notification::kInvalidCookie);
    }
    --ration;
  }
  Phase1Sa* admitted = Admit(header, payloads, *peer, chosen, local, remote, message);
  if (admitted == nullptr) return;
  Phase1Sa& sa = *admitted;
  sa.aggressive = true;
  sa.id_i = CopyOf(id_payload->body);
  if (TakeKey(sa, payloads)) return End(sa, "its key exchange is malformed", Failure::kKeyExchange);
  ChooseDh(sa, !sa.proposal.rsa_signature);
  if (sa.proposal.rsa_signature) {
    if (!AgreeKeys(sa)) return End(sa, "its key exchange value is none", Failure::kKeyExchange);
  } else {
    // SKEYID, and so HASH_R, needs only the pre-shared key and the nonces; g^xy can wait for the cookie's return.
    sa.inputs.hash = sa.proposal.hash;
    sa.inputs.pre_shared_key = peer->pre_shared_key;
    sa.keys = EarlyKeys(sa.inputs);
  }
  ChainWriter chain;
  chain.Add(PayloadType::kSa, SaBody(chosen.answer));
  AddKey(sa, chain);
  sa.step = Phase1Sa::Step::kAggressive3;
  if (!AddAuthentication(sa, chain, true)) return End(sa, "we cannot authenticate ourselves", Failure::kSettings);
  AddCertificateRequest(sa, chain);
  AddVendorIds(chain, sa.nat);
  AddNatDetection(sa, chain);
  SendFirst(sa, sa.out, Clear(sa, chain), false);
  Tell(Topic::kExchange, sa, fmt::format("exchange {}(R): aggressive mode begins", sa.connection));
  Rearm(sa);
}

}  // namespace sw::ipsec::ike
