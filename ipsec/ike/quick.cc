// Quick mode (RFC 2409 section 5.5): SAs for IPsec, with a Diffie-Hellman exchange of their own when PFS is asked for.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"
#include "ipsec/ike/selectors.h"
#include "ipsec/policy.h"

namespace sw::ipsec::ike {
namespace {

bool Wants(const std::vector<Protection>& protections, bool ah) {
  return std::any_of(protections.begin(), protections.end(),
                     [ah](const Protection& p) { return ah ? p.ah.has_value() : p.esp.has_value(); });
}

bool SameFlow(const Wish& a, const Wish& b) {
  return a.policy == b.policy && a.peer == b.peer && a.flow == b.flow && a.remote == b.remote;
}

// The RESPONDER-LIFETIME notifications in an answer (RFC 2407 section 4.6.3.1).
Lifetime LifetimeFrom(const Payloads& payloads, Lifetime lifetime) {
  for (const Payload& p : payloads) {
    if (p.type != PayloadType::kNotify) continue;
    const Parsed<Notify> parsed = ParseNotify(p.body);
    const Notify* notify = std::get_if<Notify>(&parsed);
    if (notify == nullptr || notify->type != Notification::kResponderLifetime) continue;
    lifetime = Smaller(lifetime, {NotifiedLife(notify->data, phase2::kLifeType, kSeconds),
                                  NotifiedLife(notify->data, phase2::kLifeType, kKilobytes)});
  }
  return lifetime;
}

void PutLife(Writer& out, LifeType type, std::uint32_t value) {
  if (value == 0) return;
  out.U16(0x8000 | phase2::kLifeType);
  out.U16(type);
  out.U16(phase2::kLifeDuration);
  out.U16(4);
  out.U32(value);
}

// What names the SAs of an exchange to their owner.
std::pair<SaProtocol, std::uint32_t> InboundOf(const Quick& quick) {
  return quick.protection.esp ? std::pair{SaProtocol::kEsp, quick.own.esp} : std::pair{SaProtocol::kAh, quick.own.ah};
}

}  // namespace

bool Engine::Impl::Busy(const Wish& wish) const {
  for (const auto& [connection, sa] : sas) {
    if (sa->peer != wish.peer) continue;
    for (const Wish& other : sa->waiting)
      if (SameFlow(other, wish)) return true;
    for (const auto& [id, quick] : sa->quicks)
      if (quick.role == Role::kInitiator && quick.step == Quick::Step::kOffered && SameFlow(quick.wish, wish))
        return true;
  }
  return false;
}

Bytes Engine::Impl::QuickMessage(const Phase1Sa& sa, Quick& quick, const ChainWriter& rest,
                                 const SecretBytes& hash) const {
  return Sealed(sa, Exchange::kQuick, quick.message_id, PayloadType::kHash, HashedBody(rest, hash), quick.iv);
}

void Engine::Impl::StartQuick(Phase1Sa& sa, Wish wish) {
  Quick quick;
  quick.message_id = NewMessageId(sa);
  quick.connection = ++last_connection;
  if (Wants(wish.proposals, false)) quick.own.esp = services.owner.AllocateSpi(SaProtocol::kEsp);
  if (Wants(wish.proposals, true)) quick.own.ah = services.owner.AllocateSpi(SaProtocol::kAh);
  const NatDialect udp = sa.nat_local || sa.nat_remote ? sa.nat : NatDialect::kNone;
  quick.offer = OfferPhase2(wish.proposals, quick.own, wish.pfs, wish.lifetime, udp);
  if (quick.offer.empty()) return Fail(wish, "no proposal");
  quick.nonce_i.resize(kNonceBytes);
  services.random.Fill(quick.nonce_i);
  quick.iv = ExchangeIv(sa.keys, sa.iv, quick.message_id);

  ChainWriter rest;
  rest.Add(PayloadType::kSa, SaBody(quick.offer));
  rest.Add(PayloadType::kNonce, quick.nonce_i);
  if (wish.pfs != hal::DhGroup::kNone) {
    quick.dh.emplace(hal::DhKey::Generate(wish.pfs, services.random));
    ++counters.dh_computations;
    rest.Add(PayloadType::kKeyExchange, quick.dh->public_value());
  }
  const Selector& flow = wish.flow;
  rest.Add(PayloadType::kId, IdentityBody(IdentityOf(flow.local, flow.protocol, flow.local_port)));
  rest.Add(PayloadType::kId, IdentityBody(IdentityOf(flow.remote, flow.protocol, flow.remote_port)));
  quick.wish = std::move(wish);
  const std::uint32_t id = quick.message_id;
  Quick& made = sa.quicks.emplace(id, std::move(quick)).first->second;
  ++counters.out_p2_exchanges;
  Tell(Topic::kExchange, sa, fmt::format("exchange {}(I): quick mode begins", made.connection));
  SendFirst(sa, made.out, QuickMessage(sa, made, rest, Hash1(sa.keys, id, rest.bytes())), true);
  Rearm(sa);
}

void Engine::Impl::ReceiveQuick(Phase1Sa& sa, const Header& header, ByteView message) {
  if (!header.encrypted() || header.message_id == 0) return CountDrop(Notification::kInvalidFlags);
  if (!sa.ready()) {
    // An initiator that thinks it is done has lost its last message on the way; ours again makes it send that again.
    if (sa.step == Phase1Sa::Step::kAggressive3) Transmit(sa, sa.out.message);
    return CountDrop(Notification::kInvalidCookie);
  }
  const auto found = sa.quicks.find(header.message_id);
  const MessageDigest digest = hal::Sha256(message);
  if (found != sa.quicks.end() && found->second.heard == digest) {
    if (found->second.step != Quick::Step::kDone || found->second.role == Role::kInitiator)
      Transmit(sa, found->second.out.message);
    return;
  }
  if (found == sa.quicks.end() && sa.used_ids.contains(header.message_id))
    return Drop(sa, Notification::kInvalidMessageId);
  std::size_t unconfirmed = 0;
  for (const auto& [id, quick] : sa.quicks) unconfirmed += quick.step == Quick::Step::kAnswered;
  if (found == sa.quicks.end() && unconfirmed >= kMaxUnconfirmed) {
    ++counters.half_open_refused;  // it will be sent again
    return;
  }

  Quick fresh;
  fresh.message_id = header.message_id;
  fresh.role = Role::kResponder;
  fresh.iv = ExchangeIv(sa.keys, sa.iv, header.message_id);
  Quick& quick = found == sa.quicks.end() ? fresh : found->second;
  if (quick.step == Quick::Step::kDone) return CountDrop(Notification::kInvalidMessageId);
  Bytes iv = quick.iv;
  const std::optional<Opened> opened = Open(sa, message, header, iv);
  if (!opened) return Drop(sa, Notification::kPayloadMalformed);
  const Bytes old_iv = std::exchange(quick.iv, iv);
  std::optional<Notification> fault;
  if (&quick == &fresh) {
    fault = TakeQuick1(sa, quick, *opened);
  } else {
    fault = quick.role == Role::kInitiator ? TakeQuick2(sa, quick, *opened) : TakeQuick3(sa, quick, *opened);
  }
  if (fault == Notification::kInvalidHashInformation) {  // not the peer's: as if it had not come
    quick.iv = old_iv;
    return Drop(sa, *fault);
  }
  Alive(sa);
  if (!fault) {
    quick.heard = digest;
    if (&quick == &fresh) sa.quicks.emplace(header.message_id, std::move(fresh));
  } else {
    Drop(sa, *fault);
    TellFailed(sa, FailureOf(*fault), std::string(Name(*fault)));
    ++counters.in_p2_rejects;
    if (quick.role == Role::kResponder) ++counters.out_p2_rejects;
    const bool offered = quick.role == Role::kInitiator;
    const Wish wish = quick.wish;
    sa.used_ids.insert(header.message_id);
    if (&quick != &fresh) {
      Abandon(quick);
      sa.quicks.erase(header.message_id);
    }
    SendNotify(sa, *fault, Protocol::kEsp, {}, {});
    if (offered) Fail(wish, std::string(Name(*fault)));
  }
  Rearm(sa);
}

std::optional<Notification> Engine::Impl::TakeQuick1(Phase1Sa& sa, Quick& quick, const Opened& opened) {
  const ByteView covered = BehindHash(opened);
  if (!HashIs(opened, Hash1(sa.keys, quick.message_id, covered))) return Notification::kInvalidHashInformation;
  ++counters.in_p2_exchanges;
  sa.used_ids.insert(quick.message_id);
  const Payloads& payloads = opened.payloads;
  const Payload* body = One(payloads, PayloadType::kSa);
  const Payload* nonce = One(payloads, PayloadType::kNonce);
  if (body == nullptr || nonce == nullptr || nonce->body.size() < 8 || nonce->body.size() > 256)
    return Notification::kPayloadMalformed;
  const Parsed<SaOffer> parsed = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const auto& wire_offer = std::get<SaOffer>(parsed);

  // Without identities the ends themselves are meant (RFC 2409 section 5.5).
  Identity theirs = Identity::Address(sa.remote.address), ours = Identity::Address(sa.local.address);
  std::vector<const Payload*> ids;
  for (const Payload& p : payloads)
    if (p.type == PayloadType::kId) ids.push_back(&p);
  if (ids.size() != 0 && ids.size() != 2) return Notification::kInvalidIdInformation;
  if (ids.size() == 2) {
    const Parsed<Identity> a = ParseIdentity(ids[0]->body), b = ParseIdentity(ids[1]->body);
    if (std::holds_alternative<Notification>(a) || std::holds_alternative<Notification>(b))
      return Notification::kInvalidIdInformation;
    theirs = std::get<Identity>(a);
    ours = std::get<Identity>(b);
  }
  const std::optional<Selector> flow = SelectorOf(ours, theirs);
  if (!flow) return Notification::kInvalidIdInformation;

  std::vector<Alternative> alternatives = ReadPhase2(wire_offer);
  const Payload* key = One(payloads, PayloadType::kKeyExchange);
  if (alternatives.empty()) return Notification::kNoProposalChosen;
  const hal::DhGroup group = alternatives.front().pfs;
  std::erase_if(alternatives, [&](const Alternative& a) { return a.pfs != group; });
  if ((key != nullptr) != (group != hal::DhGroup::kNone)) return Notification::kInvalidKeyInformation;
  Offer offer{sa.peer, sa.local.address, sa.remote.address, *flow, {}, group, alternatives.front().lifetime};
  for (const Alternative& a : alternatives) offer.proposals.push_back(a.protection);
  const Result<Accepted> accepted = services.owner.Judge(offer);
  if (!accepted.ok() || accepted->proposal >= alternatives.size()) {
    sa.detail = accepted.ok() ? std::string() : accepted.why();
    return Notification::kNoProposalChosen;
  }
  const Alternative& chosen = alternatives[accepted->proposal];

  quick.connection = ++last_connection;
  quick.step = Quick::Step::kAnswered;
  quick.protection = chosen.protection;
  quick.theirs = chosen.spis;
  if (chosen.protection.esp) quick.own.esp = services.owner.AllocateSpi(SaProtocol::kEsp);
  if (chosen.protection.ah) quick.own.ah = services.owner.AllocateSpi(SaProtocol::kAh);
  quick.wish.policy = accepted->policy;
  quick.wish.peer = sa.peer;
  quick.wish.flow = *flow;
  quick.wish.pfs = group;
  quick.wish.lifetime = Smaller(accepted->lifetime, chosen.lifetime);
  quick.nonce_i = CopyOf(nonce->body);
  quick.nonce_r.resize(kNonceBytes);
  services.random.Fill(quick.nonce_r);

  ChainWriter rest;
  rest.Add(PayloadType::kSa, SaBody(AnswerPhase2(wire_offer, chosen, quick.own)));
  rest.Add(PayloadType::kNonce, quick.nonce_r);
  if (key != nullptr) {
    const hal::DhKey dh = hal::DhKey::Generate(group, services.random);
    std::optional<SecretBytes> shared = dh.Agree(key->body);
    counters.dh_computations += 2;
    if (!shared) return Notification::kInvalidKeyInformation;
    quick.shared = std::move(*shared);
    rest.Add(PayloadType::kKeyExchange, dh.public_value());
  }
  if (ids.size() == 2) {
    rest.Add(PayloadType::kId, ids[0]->body);
    rest.Add(PayloadType::kId, ids[1]->body);
  }
  if (quick.wish.lifetime != chosen.lifetime) {
    Bytes spi(4), life;
    Store32(spi.data(), chosen.protection.esp ? quick.own.esp : quick.own.ah);
    Writer out(life);
    PutLife(out, kSeconds, quick.wish.lifetime.seconds);
    PutLife(out, kKilobytes, quick.wish.lifetime.kilobytes);
    rest.Add(PayloadType::kNotify, NotifyBody({chosen.protection.esp ? Protocol::kEsp : Protocol::kAh,
                                               Notification::kResponderLifetime, spi, life}));
  }
  Tell(Topic::kExchange, sa, fmt::format("exchange {}(R): quick mode begins", quick.connection));
  const SecretBytes hash = Hash2(sa.keys, quick.message_id, quick.nonce_i, rest.bytes());
  SendFirst(sa, quick.out, QuickMessage(sa, quick, rest, hash), true);
  Later([this, made = AgreedFrom(sa, quick)]() mutable { services.owner.Prepare(std::move(made)); });
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeQuick2(Phase1Sa& sa, Quick& quick, const Opened& opened) {
  if (!HashIs(opened, Hash2(sa.keys, quick.message_id, quick.nonce_i, BehindHash(opened))))
    return Notification::kInvalidHashInformation;
  const Payloads& payloads = opened.payloads;
  const Payload* body = One(payloads, PayloadType::kSa);
  const Payload* nonce = One(payloads, PayloadType::kNonce);
  if (body == nullptr || nonce == nullptr || nonce->body.size() < 8 || nonce->body.size() > 256)
    return Notification::kPayloadMalformed;
  const Parsed<SaOffer> parsed = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const std::vector<Alternative> answer = ReadPhase2(std::get<SaOffer>(parsed));
  if (answer.size() != 1) return Notification::kBadProposalSyntax;
  const Wish& wish = quick.wish;
  if (std::find(wish.proposals.begin(), wish.proposals.end(), answer[0].protection) == wish.proposals.end() ||
      answer[0].pfs != wish.pfs)
    return Notification::kNoProposalChosen;

  // The identities come back as they went (RFC 2409 section 5.5), or the other end means something else.
  std::vector<const Payload*> ids;
  for (const Payload& p : payloads)
    if (p.type == PayloadType::kId) ids.push_back(&p);
  if (ids.size() == 2) {
    const Parsed<Identity> a = ParseIdentity(ids[0]->body), b = ParseIdentity(ids[1]->body);
    const auto* local = std::get_if<Identity>(&a);
    const auto* remote = std::get_if<Identity>(&b);
    if (local == nullptr || remote == nullptr || SelectorOf(*local, *remote) != wish.flow)
      return Notification::kInvalidIdInformation;
  }
  if (quick.dh) {
    const Payload* key = One(payloads, PayloadType::kKeyExchange);
    if (key == nullptr) return Notification::kInvalidKeyInformation;
    std::optional<SecretBytes> shared = quick.dh->Agree(key->body);
    ++counters.dh_computations;
    if (!shared) return Notification::kInvalidKeyInformation;
    quick.shared = std::move(*shared);
  }
  quick.protection = answer[0].protection;
  quick.theirs = answer[0].spis;
  quick.wish.lifetime = LifetimeFrom(payloads, quick.wish.lifetime);
  quick.nonce_r = CopyOf(nonce->body);

  const SecretBytes hash = Hash3(sa.keys, quick.message_id, quick.nonce_i, quick.nonce_r);
  SendFirst(sa, quick.out, QuickMessage(sa, quick, {}, hash), false);
  Later([this, made = AgreedFrom(sa, quick)]() mutable { services.owner.Install(std::move(made)); });
  Finish(sa, quick);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeQuick3(Phase1Sa& sa, Quick& quick, const Opened& opened) {
  if (!HashIs(opened, Hash3(sa.keys, quick.message_id, quick.nonce_i, quick.nonce_r)))
    return Notification::kInvalidHashInformation;
  quick.out.next = Time::Never();
  Later([this, sa = InboundOf(quick)] { services.owner.Confirmed(sa.first, sa.second); });
  Finish(sa, quick);
  return std::nullopt;
}

void Engine::Impl::Abandon(const Quick& quick) {
  if (quick.step == Quick::Step::kAnswered)
    Later([this, sa = InboundOf(quick)] { services.owner.Abandoned(sa.first, sa.second); });
}

AgreedSas Engine::Impl::AgreedFrom(const Phase1Sa& sa, const Quick& quick) const {
  const auto keys = [&](Protocol protocol, std::uint32_t spi, std::size_t bytes) {
    std::uint8_t spi_bytes[4];
    Store32(spi_bytes, spi);
    return SaKeys{spi, KeyMaterial(sa.keys, quick.shared, protocol, spi_bytes, quick.nonce_i, quick.nonce_r, bytes)};
  };
  AgreedSas made;
  made.policy = quick.wish.policy;
  made.peer = sa.peer;
  made.local = sa.local.address;
  made.remote = sa.remote.address;
  if (sa.nat_local || sa.nat_remote) made.nat_port = sa.remote.port;
  made.flow = quick.wish.flow;
  made.protection = quick.protection;
  made.lifetime = quick.wish.lifetime;
  made.initiator = quick.role == Role::kInitiator;
  if (quick.protection.esp) {
    const std::size_t bytes = ipsec::KeyBytes(quick.protection, SaProtocol::kEsp);
    made.in_esp = keys(Protocol::kEsp, quick.own.esp, bytes);
    made.out_esp = keys(Protocol::kEsp, quick.theirs.esp, bytes);
  }
  if (quick.protection.ah) {
    const std::size_t bytes = ipsec::KeyBytes(quick.protection, SaProtocol::kAh);
    made.in_ah = keys(Protocol::kAh, quick.own.ah, bytes);
    made.out_ah = keys(Protocol::kAh, quick.theirs.ah, bytes);
  }
  return made;
}

void Engine::Impl::Finish(Phase1Sa& sa, Quick& quick) {
  quick.step = Quick::Step::kDone;
  quick.shared = SecretBytes();
  quick.dh.reset();
  quick.forget = now() + kQuickMemory;
  const std::uint32_t seconds = quick.wish.lifetime.seconds;
  std::vector<ChildRow>& children = peers[{sa.peer, sa.remote.address}].children;
  std::erase_if(children, [this](const ChildRow& row) { return row.expires <= now(); });
  children.push_back({quick.connection, quick.role == Role::kInitiator, quick.own, quick.theirs,
                      seconds == 0 ? Time::Never() : now() + std::chrono::seconds(seconds), sa.local.address});
  Tell(Topic::kExchange, sa,
       fmt::format("exchange {}({}): IPsec SAs agreed, {} s, {} KB", quick.connection,
                   quick.role == Role::kInitiator ? 'I' : 'R', seconds, quick.wish.lifetime.kilobytes));
}

}  // namespace sw::ipsec::ike
