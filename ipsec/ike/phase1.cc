// Main and aggressive mode (RFC 2409 sections 5.1, 5.4; RFC 3947), message by message.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

using Step = Phase1Sa::Step;

bool Engine::Impl::Begin(const PeerSettings& peer, Endpoint local, Endpoint remote, std::vector<Wish> waiting) {
  std::vector<Phase1Proposal> proposals = Usable({&peer});
  if (proposals.empty()) {
    for (const Wish& wish : waiting) CannotBegin(wish, "neither pre-shared key nor certificates fit a proposal");
    return false;
  }
  if (!peer.local.empty()) local.address = peer.local;
  Phase1Sa& sa = Make(Role::kInitiator, {NewCookie(), 0}, local, remote);
  ++counters.initiated;
  sa.peer = peer.name;
  sa.aggressive = peer.aggressive;
  sa.waiting = std::move(waiting);
  connecting[{peer.name, remote.address}] = sa.connection;
  if (sa.aggressive) {
    // One key exchange value goes with all of them: those of the first one's group.
    const hal::DhGroup group = proposals.front().group;
    std::erase_if(proposals, [&](const Phase1Proposal& p) { return p.group != group; });
    sa.proposal = proposals.front();
  }
  sa.offered = std::move(proposals);
  sa.sa_body = SaBody(OfferPhase1(sa.offered));
  ChainWriter chain;
  chain.Add(PayloadType::kSa, sa.sa_body);
  if (sa.aggressive) {
    ChooseDh(sa, false);
    AddKey(sa, chain);
    sa.id_i = OwnIdentity(sa, peer);
    chain.Add(PayloadType::kId, sa.id_i);
    AddCertificateRequest(sa, chain);
  }
  AddVendorIds(chain, peer.nat_traversal);
  sa.step = sa.aggressive ? Step::kAggressive2 : Step::kMain2;
  Tell(Topic::kExchange, sa,
       fmt::format("exchange {}(I): {} mode begins", sa.connection, sa.aggressive ? "aggressive" : "main"));
  SendFirst(sa, sa.out, Clear(sa, chain), true);
  Rearm(sa);
  return true;
}

void Engine::Impl::Continue(Phase1Sa& sa, const Header& header, ByteView message, Endpoint local, Endpoint remote) {
  const std::uint64_t cookie = sa.inputs.cookies.responder;
  const bool opener = header.cookies.responder == 0;
  if (cookie != 0 && !opener && header.cookies.responder != cookie) return CountDrop(Notification::kInvalidCookie);
  if ((header.exchange == Exchange::kAggressive) != sa.aggressive) return CountDrop(Notification::kInvalidExchangeType);
  const MessageDigest digest = hal::Sha256(message);
  if (digest == sa.heard_digest) {
    if (!sa.out.message.empty()) Transmit(sa, sa.out.message);
    return;
  }
  if (opener || sa.ready()) return CountDrop(Notification::kInvalidCookie);

  Bytes iv = sa.iv;
  const bool sealed = sa.step == Step::kMain5 || sa.step == Step::kMain6 || sa.step == Step::kAggressive3;
  Opened opened;
  if (header.encrypted()) {
    if (!sealed) return CountDrop(Notification::kInvalidFlags);
    // Here the cookie has come back: the computation that aggressive mode put off is due.
    if (sa.step == Step::kAggressive3 && sa.keys.key.empty()) {
      if (!AgreeKeys(sa)) return Drop(sa, Notification::kInvalidKeyInformation);
      iv = sa.iv;
    }
    std::optional<Opened> plain = Open(sa, message, header, iv);
    if (!plain) {
      Explain(sa, "a message cannot be decrypted; do the pre-shared keys of both ends differ?");
      return Drop(sa, Notification::kAuthenticationFailed);
    }
    opened = std::move(*plain);
  } else {
    if (sealed && sa.step != Step::kAggressive3) return CountDrop(Notification::kInvalidFlags);
    Parsed<Payloads> payloads =
        ParsePayloads(header.first, message.subspan(kHeaderBytes), false, settings.check_next_payload);
    if (const auto* fault = std::get_if<Notification>(&payloads)) return Drop(sa, *fault);
    opened.payloads = std::move(std::get<Payloads>(payloads));
  }
  const std::uint32_t connection = sa.connection;
  const Cookies before = sa.inputs.cookies;
  if (cookie == 0) sa.inputs.cookies.responder = header.cookies.responder;
  const Bytes old_iv = std::exchange(sa.iv, iv);
  const std::optional<Notification> fault = Take(sa, opened.payloads, local, remote);
  Phase1Sa* left = Find(connection);
  if (left == nullptr) return;
  if (fault) {
    sa.inputs.cookies = before;
    sa.iv = old_iv;
    Drop(sa, *fault);
  } else {
    sa.heard_digest = digest;
    if (cookie == 0) Index(sa, sa.inputs.cookies);
  }
  Rearm(sa);
}

std::optional<Notification> Engine::Impl::Take(Phase1Sa& sa, const Payloads& payloads, Endpoint local,
                                               Endpoint remote) {
  // A message that authenticates its sender says where it is now, behind whatever NAT; the answer goes there.
  const std::pair<Endpoint, Endpoint> before{sa.local, sa.remote};
  const Step step = sa.step;
  if (step == Step::kMain5 || step == Step::kAggressive3) {
    sa.local = local;
    sa.remote = remote;
  }
  std::optional<Notification> fault;
  switch (step) {
    case Step::kMain2:
      fault = TakeMain2(sa, payloads);
      break;
    case Step::kMain3:
      fault = TakeMain3(sa, payloads);
      break;
    case Step::kMain4:
      fault = TakeMain4(sa, payloads);
      break;
    case Step::kMain5:
      fault = TakeMain5(sa, payloads);
      break;
    case Step::kMain6:
      fault = TakeMain6(sa, payloads);
      break;
    case Step::kAggressive2:
      fault = TakeAggressive2(sa, payloads);
      break;
    case Step::kAggressive3:
      fault = TakeAggressive3(sa, payloads);
      break;
    case Step::kReady:
      return Notification::kInvalidCookie;
  }
  if (fault) {
    std::tie(sa.local, sa.remote) = before;
  } else {
    if (before.second != sa.remote && (step == Step::kMain5 || step == Step::kAggressive3))
      Tell(Topic::kTransport, sa,
           fmt::format("exchange {}: the other end is at {} now", sa.connection, sa.remote.ToString()));
    Tell(Topic::kExchange, sa,
         fmt::format("exchange {}({}): message taken, advancing", sa.connection, sa.initiator() ? 'I' : 'R'));
  }
  return fault;
}

std::optional<Notification> Engine::Impl::TakeMain2(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = TakeAnswer(sa, payloads)) return fault;
  ChooseDh(sa, false);
  ChainWriter chain;
  AddKey(sa, chain);
  AddCertificateRequest(sa, chain);
  AddNatDetection(sa, chain);
  sa.step = Step::kMain4;
  SendFirst(sa, sa.out, Clear(sa, chain), true);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeMain3(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = TakeKey(sa, payloads)) return fault;
  sa.proven = true;
  ChooseDh(sa, false);
  DetectNat(sa, payloads);
  ChainWriter chain;
  AddKey(sa, chain);
  if (!AgreeKeys(sa)) return Notification::kInvalidKeyInformation;
  AddCertificateRequest(sa, chain);
  AddNatDetection(sa, chain);
  sa.step = Step::kMain5;
  SendFirst(sa, sa.out, Clear(sa, chain), false);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeMain4(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = TakeKey(sa, payloads)) return fault;
  DetectNat(sa, payloads);
  if (!AgreeKeys(sa)) return Notification::kInvalidKeyInformation;
  Float(sa);
  ChainWriter chain;
  if (!AddAuthentication(sa, chain, true)) return Notification::kCertificateUnavailable;
  sa.step = Step::kMain6;
  SendFirst(sa, sa.out, Sealed(sa, Exchange::kMain, 0, chain.first(), chain.bytes(), sa.iv), true);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeMain5(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = Authenticate(sa, payloads)) return fault;
  ChainWriter chain;
  if (!AddAuthentication(sa, chain, true)) return Notification::kCertificateUnavailable;
  SendFirst(sa, sa.out, Sealed(sa, Exchange::kMain, 0, chain.first(), chain.bytes(), sa.iv), false);
  Established(sa, payloads);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeMain6(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = Authenticate(sa, payloads)) return fault;
  Established(sa, payloads);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeAggressive2(Phase1Sa& sa, const Payloads& payloads) {
  if (auto fault = TakeAnswer(sa, payloads)) return fault;
  if (auto fault = TakeKey(sa, payloads)) return fault;
  DetectNat(sa, payloads);
  if (!AgreeKeys(sa)) return Notification::kInvalidKeyInformation;
  if (auto fault = Authenticate(sa, payloads)) return fault;
  Float(sa);
  ChainWriter chain;
  if (!AddAuthentication(sa, chain, false)) return Notification::kCertificateUnavailable;
  AddNatDetection(sa, chain);
  SendFirst(sa, sa.out, Sealed(sa, Exchange::kAggressive, 0, chain.first(), chain.bytes(), sa.iv), false);
  Established(sa, payloads);
  return std::nullopt;
}

std::optional<Notification> Engine::Impl::TakeAggressive3(Phase1Sa& sa, const Payloads& payloads) {
  if (sa.keys.key.empty() && !AgreeKeys(sa)) return Notification::kInvalidKeyInformation;
  sa.proven = true;
  DetectNat(sa, payloads);
  if (auto fault = Authenticate(sa, payloads)) return fault;
  Established(sa, payloads);
  return std::nullopt;
}

void Engine::Impl::Established(Phase1Sa& sa, const Payloads& payloads) {
  sa.step = Step::kReady;
  sa.out.next = Time::Never();
  sa.dh.reset();
  sa.inputs.shared = SecretBytes();
  sa.inputs.pre_shared_key = SecretBytes();
  sa.established = now();
  if (!sa.initiator()) {
    ++counters.responded;
    LeaveHalfOpen(sa);
  }
  std::erase_if(connecting, [&](const auto& entry) { return entry.second == sa.connection; });
  const PeerKey key{sa.peer, sa.remote.address};

  // The end that says this holds nothing of before (RFC 2407 section 4.6.3.3): what we have is good for nothing.
  bool first = false;
  for (const Payload& p : payloads) {
    if (p.type != PayloadType::kNotify) continue;
    const Parsed<Notify> parsed = ParseNotify(p.body);
    const Notify* notify = std::get_if<Notify>(&parsed);
    first |= notify != nullptr && notify->type == Notification::kInitialContact;
    // RFC 2407 section 4.6.3.1: the responder's lifetime of this SA is the smaller one.
    if (notify != nullptr && notify->type == Notification::kResponderLifetime && sa.initiator())
      TakeNotify(sa, *notify);
  }
  if (first && peers.contains(key)) LosePeer(key, sa.local.address, "the other end has started afresh");

  PeerState& peer = peers[key];
  peer.local = sa.local.address;
  for (const std::uint32_t connection : peer.ready) {
    Phase1Sa* old = Find(connection);
    if (old == nullptr || old->established + kCollision > sa.established) continue;
    old->replaced = true;
    old->fading = false;
    old->soft = Time::Never();
    old->expires = std::min(old->expires, now() + kReplacedLife);
    Rearm(*old);
  }
  peer.ready.push_back(sa.connection);
  StartTimers(sa);
  Alive(sa);
  sa.confirmed = !sa.initiator() || !sa.aggressive;
  Tell(Topic::kExchange, sa,
       fmt::format("ISAKMP SA {} established with {}, {} mode, {} s{}", sa.connection, sa.remote_id,
                   sa.aggressive ? "aggressive" : "main", sa.proposal.seconds,
                   sa.nat_local || sa.nat_remote ? ", NAT between" : ""),
       What::kEstablished);
  for (Wish& wish : std::exchange(sa.waiting, {})) StartQuick(sa, std::move(wish));
}

}  // namespace sw::ipsec::ike
