#include "ipsec/ike/quick_mode.h"

#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/selectors.h"
#include "ipsec/ike/shared.h"
#include "ipsec/policy.h"

namespace sw::ipsec::ike {
namespace {

constexpr Duration kQuickMemory =
    std::chrono::seconds(60);  // our choice: so long a finished exchange answers repetitions

bool Wants(const std::vector<Protection>& protections, bool ah) {
  return std::any_of(protections.begin(), protections.end(),
                     [ah](const Protection& p) { return ah ? p.ah.has_value() : p.esp.has_value(); });
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

// The proposals of a message and whether its nonce is one.
Parsed<SaOffer> OfferIn(const Payloads& payloads) {
  const Payload* body = Find(payloads, PayloadType::kSa);
  const Payload* nonce = Find(payloads, PayloadType::kNonce);
  if (body == nullptr || nonce == nullptr || !IsNonce(*nonce)) return Notification::kPayloadMalformed;
  return ParseSa(body->body);
}

}  // namespace

// The client identities of a message, the initiator's first: none or two.
struct QuickMode::Ids {
  std::vector<const Payload*> payloads;
  explicit Ids(const Payloads& all) {
    for (const Payload& p : all)
      if (p.type == PayloadType::kId) payloads.push_back(&p);
  }
  bool given() const { return payloads.size() == 2; }
  // nullopt: they are no identities, or name no flow.
  std::optional<Selector> Flow(Role reader) const {
    const Parsed<Identity> a = ParseIdentity(payloads[0]->body), b = ParseIdentity(payloads[1]->body);
    const auto *of_initiator = std::get_if<Identity>(&a), *of_responder = std::get_if<Identity>(&b);
    if (of_initiator == nullptr || of_responder == nullptr) return std::nullopt;
    return reader == Role::kInitiator ? SelectorOf(*of_initiator, *of_responder)
                                      : SelectorOf(*of_responder, *of_initiator);
  }
};

QuickMode::QuickMode(Shared& shared, IsakmpSa& sa, Role role, std::uint32_t message_id)
    : shared_(shared), sa_(sa), role_(role), message_id_(message_id), iv_(ExchangeIv(sa.keys, sa.iv, message_id)) {}

Bytes QuickMode::Message(const ChainWriter& rest, const SecretBytes& hash) {
  return shared_.transport.Sealed(sa_, Exchange::kQuick, message_id_, PayloadType::kHash, HashedBody(rest, hash), iv_);
}

bool QuickMode::Offer(Wish wish) {
  SaOwner& owner = shared_.services.owner;
  connection_ = shared_.sas.NewConnection();
  if (Wants(wish.proposals, false)) own_.esp = owner.AllocateSpi(SaProtocol::kEsp);
  if (Wants(wish.proposals, true)) own_.ah = owner.AllocateSpi(SaProtocol::kAh);
  const SaOffer offer =
      OfferPhase2(wish.proposals, own_, wish.pfs, wish.lifetime, sa_.nat_between() ? sa_.nat : NatDialect::kNone);
  wish_ = std::move(wish);
  if (offer.empty()) return false;
  nonce_i_.resize(kNonceBytes);
  shared_.services.random.Fill(nonce_i_);

  ChainWriter rest;
  rest.Add(PayloadType::kSa, SaBody(offer));
  rest.Add(PayloadType::kNonce, nonce_i_);
  if (wish_.pfs != hal::DhGroup::kNone) {
    dh_ = shared_.dh.Make(wish_.pfs);
    rest.Add(PayloadType::kKeyExchange, dh_->public_value());
  }
  const Selector& flow = wish_.flow;
  rest.Add(PayloadType::kId, IdentityBody(IdentityOf(flow.local, flow.protocol, flow.local_port)));
  rest.Add(PayloadType::kId, IdentityBody(IdentityOf(flow.remote, flow.protocol, flow.remote_port)));
  ++shared_.counters.out_p2_exchanges;
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(I): quick mode begins", connection_));
  shared_.transport.SendFirst(sa_, out_, Message(rest, Hash1(sa_.keys, message_id_, rest.bytes())), true);
  return true;
}

QuickMode::Fault QuickMode::Take(const Header& header, ByteView message) {
  Bytes iv = iv_;
  const std::optional<Opened> opened = shared_.transport.Open(sa_, message, header, iv);
  unreadable_ = !opened;
  if (unreadable_) return Notification::kPayloadMalformed;
  const Bytes before = std::exchange(iv_, iv);
  const Fault fault = role_ == Role::kInitiator  ? TakeAnswer(*opened)
                      : step_ == Step::kAnswered ? TakeConfirmation(*opened)
                                                 : TakeOffer(*opened);
  if (fault == Notification::kInvalidHashInformation) iv_ = before;
  return fault;
}

QuickMode::Fault QuickMode::TakeOffer(const Opened& opened) {
  if (!HashIs(opened, Hash1(sa_.keys, message_id_, BehindHash(opened)))) return Notification::kInvalidHashInformation;
  ++shared_.counters.in_p2_exchanges;
  sa_.used_ids.Add(message_id_);
  const Payloads& payloads = opened.payloads;
  const Parsed<SaOffer> parsed = OfferIn(payloads);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const Ids ids(payloads);
  if (const Fault fault = Judge(payloads, std::get<SaOffer>(parsed), ids)) return fault;
  return Answer(payloads, std::get<SaOffer>(parsed), ids);
}

// Whether the owner has a policy for what is asked for, and which of the proposals it takes.
QuickMode::Fault QuickMode::Judge(const Payloads& payloads, const SaOffer& wire_offer, const Ids& ids) {
  if (!ids.payloads.empty() && !ids.given()) return Notification::kInvalidIdInformation;
  // Without identities the ends themselves are meant (RFC 2409 section 5.5).
  const std::optional<Selector> flow =
      ids.given() ? ids.Flow(role_)
                  : SelectorOf(Identity::Address(sa_.local.address), Identity::Address(sa_.remote.address));
  if (!flow) return Notification::kInvalidIdInformation;
  std::vector<Alternative> alternatives = ReadPhase2(wire_offer);
  if (alternatives.empty()) return Notification::kNoProposalChosen;
  const hal::DhGroup group = alternatives.front().pfs;
  std::erase_if(alternatives, [&](const Alternative& a) { return a.pfs != group; });
  if ((Find(payloads, PayloadType::kKeyExchange) != nullptr) != (group != hal::DhGroup::kNone))
    return Notification::kInvalidKeyInformation;
  ipsec::Offer offer{sa_.peer, sa_.local.address, sa_.remote.address, *flow, {}, group, alternatives.front().lifetime};
  for (const Alternative& a : alternatives) offer.proposals.push_back(a.protection);
  const Result<Accepted> accepted = shared_.services.owner.Judge(offer);
  if (!accepted.ok() || accepted->proposal >= alternatives.size()) {
    sa_.detail = accepted.ok() ? std::string() : accepted.why();
    return Notification::kNoProposalChosen;
  }
  chosen_ = alternatives[accepted->proposal];
  wish_.policy = accepted->policy;
  wish_.peer = sa_.peer;
  wish_.flow = *flow;
  wish_.pfs = group;
  wish_.lifetime = Smaller(accepted->lifetime, chosen_->lifetime);
  return std::nullopt;
}

QuickMode::Fault QuickMode::Answer(const Payloads& payloads, const SaOffer& wire_offer, const Ids& ids) {
  SaOwner& owner = shared_.services.owner;
  connection_ = shared_.sas.NewConnection();
  step_ = Step::kAnswered;
  protection_ = chosen_->protection;
  theirs_ = chosen_->spis;
  if (protection_.esp) own_.esp = owner.AllocateSpi(SaProtocol::kEsp);
  if (protection_.ah) own_.ah = owner.AllocateSpi(SaProtocol::kAh);
  nonce_i_ = CopyOf(Find(payloads, PayloadType::kNonce)->body);
  nonce_r_.resize(kNonceBytes);
  shared_.services.random.Fill(nonce_r_);

  ChainWriter rest;
  rest.Add(PayloadType::kSa, SaBody(AnswerPhase2(wire_offer, *chosen_, own_)));
  rest.Add(PayloadType::kNonce, nonce_r_);
  if (const Payload* key = Find(payloads, PayloadType::kKeyExchange)) {
    const auto dh = shared_.dh.Make(wish_.pfs);
    std::optional<SecretBytes> agreed = dh->Agree(key->body);
    ++shared_.counters.dh_computations;
    if (!agreed) return Notification::kInvalidKeyInformation;
    shared_secret_ = std::move(*agreed);
    rest.Add(PayloadType::kKeyExchange, dh->public_value());
  }
  if (ids.given())
    for (const Payload* id : ids.payloads) rest.Add(PayloadType::kId, id->body);
  if (wish_.lifetime != chosen_->lifetime) {
    Bytes life;
    Writer out(life);
    PutLife(out, phase2::kLifeType, phase2::kLifeDuration, kSeconds, wish_.lifetime.seconds);
    PutLife(out, phase2::kLifeType, phase2::kLifeDuration, kKilobytes, wish_.lifetime.kilobytes);
    const Protocol protocol = protection_.esp ? Protocol::kEsp : Protocol::kAh;
    rest.Add(PayloadType::kNotify,
             NotifyBody({protocol, Notification::kResponderLifetime, SpiBytes(inbound().second), life}));
  }
  shared_.report.Tell(IkeTopic::kExchange, sa_, fmt::format("exchange {}(R): quick mode begins", connection_));
  shared_.transport.SendFirst(sa_, out_, Message(rest, Hash2(sa_.keys, message_id_, nonce_i_, rest.bytes())), true);
  shared_.Later([&owner, made = Agreed()]() mutable { owner.Prepare(std::move(made)); });
  return std::nullopt;
}

QuickMode::Fault QuickMode::TakeAnswer(const Opened& opened) {
  if (!HashIs(opened, Hash2(sa_.keys, message_id_, nonce_i_, BehindHash(opened))))
    return Notification::kInvalidHashInformation;
  const Payloads& payloads = opened.payloads;
  const Parsed<SaOffer> parsed = OfferIn(payloads);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return *fault;
  const std::vector<Alternative> answer = ReadPhase2(std::get<SaOffer>(parsed));
  if (answer.size() != 1) return Notification::kBadProposalSyntax;
  if (std::ranges::find(wish_.proposals, answer[0].protection) == wish_.proposals.end() || answer[0].pfs != wish_.pfs)
    return Notification::kNoProposalChosen;
  // The identities come back as they went (RFC 2409 section 5.5), or the other end means something else.
  if (const Ids ids(payloads); ids.given() && ids.Flow(role_) != wish_.flow) return Notification::kInvalidIdInformation;
  if (dh_ != nullptr) {
    const Payload* key = Find(payloads, PayloadType::kKeyExchange);
    if (key == nullptr) return Notification::kInvalidKeyInformation;
    std::optional<SecretBytes> agreed = dh_->Agree(key->body);
    ++shared_.counters.dh_computations;
    if (!agreed) return Notification::kInvalidKeyInformation;
    shared_secret_ = std::move(*agreed);
  }
  protection_ = answer[0].protection;
  theirs_ = answer[0].spis;
  wish_.lifetime = LifetimeFrom(payloads, wish_.lifetime);
  nonce_r_ = CopyOf(Find(payloads, PayloadType::kNonce)->body);
  const SecretBytes hash = Hash3(sa_.keys, message_id_, nonce_i_, nonce_r_);
  shared_.transport.SendFirst(sa_, out_, Message({}, hash), false);
  shared_.Later([owner = &shared_.services.owner, made = Agreed()]() mutable { owner->Install(std::move(made)); });
  Finish();
  return std::nullopt;
}

QuickMode::Fault QuickMode::TakeConfirmation(const Opened& opened) {
  if (!HashIs(opened, Hash3(sa_.keys, message_id_, nonce_i_, nonce_r_))) return Notification::kInvalidHashInformation;
  out_.next = Time::Never();
  shared_.Later([owner = &shared_.services.owner, sa = inbound()] { owner->Confirmed(sa.first, sa.second); });
  Finish();
  return std::nullopt;
}

bool QuickMode::SendAgain() {
  return shared_.transport.Repeat(sa_, out_);
}

void QuickMode::AnswerRepetition() {
  if (step_ != Step::kDone || role_ == Role::kInitiator) shared_.transport.Send(sa_, out_.message);
}

void QuickMode::Abandon() {
  if (step_ == Step::kAnswered)
    shared_.Later([owner = &shared_.services.owner, sa = inbound()] { owner->Abandoned(sa.first, sa.second); });
}

std::pair<SaProtocol, std::uint32_t> QuickMode::inbound() const {
  return protection_.esp ? std::pair{SaProtocol::kEsp, own_.esp} : std::pair{SaProtocol::kAh, own_.ah};
}

AgreedSas QuickMode::Agreed() const {
  const auto keys = [&](Protocol protocol, std::uint32_t spi, std::size_t bytes) {
    return SaKeys{spi, KeyMaterial(sa_.keys, shared_secret_, protocol, SpiBytes(spi), nonce_i_, nonce_r_, bytes)};
  };
  AgreedSas made;
  made.policy = wish_.policy;
  made.peer = sa_.peer;
  made.local = sa_.local.address;
  made.remote = sa_.remote.address;
  if (sa_.nat_between()) made.nat_port = sa_.remote.port;
  made.flow = wish_.flow;
  made.protection = protection_;
  made.lifetime = wish_.lifetime;
  made.initiator = role_ == Role::kInitiator;
  if (protection_.esp) {
    const std::size_t bytes = ipsec::KeyBytes(protection_, SaProtocol::kEsp);
    made.in_esp = keys(Protocol::kEsp, own_.esp, bytes);
    made.out_esp = keys(Protocol::kEsp, theirs_.esp, bytes);
  }
  if (protection_.ah) {
    const std::size_t bytes = ipsec::KeyBytes(protection_, SaProtocol::kAh);
    made.in_ah = keys(Protocol::kAh, own_.ah, bytes);
    made.out_ah = keys(Protocol::kAh, theirs_.ah, bytes);
  }
  return made;
}

void QuickMode::Finish() {
  const Time now = shared_.now();
  step_ = Step::kDone;
  shared_secret_ = SecretBytes();
  dh_.reset();
  forget_ = now + kQuickMemory;
  const std::uint32_t seconds = wish_.lifetime.seconds;
  const PeerKey key{sa_.peer, sa_.remote.address};
  std::vector<Child>& children = shared_.sas.peers()[key].children;
  std::erase_if(children, [now](const Child& child) { return child.expires <= now; });
  if (children.size() >= kMaxChildren) shared_.orders.EndChild(key, Child(children.front()));
  children.push_back({connection_, role_ == Role::kInitiator, own_, theirs_,
                      seconds == 0 ? Time::Never() : now + std::chrono::seconds(seconds), sa_.local.address,
                      sa_.remote_id});
  shared_.report.Tell(IkeTopic::kExchange, sa_,
                      fmt::format("exchange {}({}): IPsec SAs agreed, {} s, {} KB", connection_,
                                  role_ == Role::kInitiator ? 'I' : 'R', seconds, wish_.lifetime.kilobytes));
}

}  // namespace sw::ipsec::ike
