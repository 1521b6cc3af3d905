#include "ipsec/ike/exchanges.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ipsec/ike/aggressive_mode.h"
#include "ipsec/ike/informational.h"
#include "ipsec/ike/liveness.h"
#include "ipsec/ike/main_mode.h"
#include "ipsec/ike/quick_modes.h"

namespace sw::ipsec::ike {
namespace {

using namespace std::chrono_literals;
// Our choices.
constexpr Duration kReplacedLife = 30s;  // a replaced SA serves what is under way
constexpr Duration kResponderPatience = 10s;
// Two ends that begin at once make two SAs, and each may use the one that the other lets go: neither of two SAs that
// were made within this time replaces the other.
constexpr Duration kCollision = 10s;

std::uint64_t NewCookie(Random& random) {
  for (;;)
    if (const std::uint64_t cookie = random.U64(); cookie != 0) return cookie;
}

}  // namespace

// ---------------------------------------------------------------------------------------------- messages and time

IsakmpSa* Exchanges::ForWhom(const Header& header, Ipv4 remote) const {
  if (IsakmpSa* sa = shared.sas.Find(header.cookies, remote)) return sa;
  // The answer to our first message brings the other end's cookie, and so may a refusal of it.
  const bool of_first = header.exchange == Exchange::kMain || header.exchange == Exchange::kAggressive ||
                        (header.exchange == Exchange::kInformational && !header.encrypted());
  return of_first ? shared.sas.Find(Cookies{header.cookies.initiator, 0}, remote) : nullptr;
}

void Exchanges::Dispatch(Endpoint local, Endpoint remote, ByteView message) {
  const Parsed<Header> parsed = ParseHeader(message);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return shared.report.Dropped(*fault);
  const Header& header = std::get<Header>(parsed);
  if (header.exchange == Exchange::kNone) return shared.report.Dropped(Notification::kUnsupportedExchangeType);
  const bool phase1 = header.exchange == Exchange::kMain || header.exchange == Exchange::kAggressive;
  IsakmpSa* sa = ForWhom(header, remote.address);
  if (sa == nullptr) {
    if (phase1 && header.cookies.responder == 0) return openers_.Receive(header, message, local, remote);
    return shared.report.Dropped(Notification::kInvalidCookie);
  }
  if (phase1) return sa->phase1->Receive(header, message, local, remote);
  const std::uint32_t connection = sa->connection;
  if (header.exchange == Exchange::kQuick) {
    sa->quicks->Receive(header, message);
  } else {
    sa->informational->Receive(header, message);
  }
  WearOut(connection);
}

// An SA that has taken as many exchanges as it may gives way to a new one.
void Exchanges::WearOut(std::uint32_t connection) {
  IsakmpSa* sa = shared.sas.Find(connection);
  if (sa == nullptr || !sa->ready || !sa->used_ids.worn()) return;
  if (sa->used_ids.full()) {
    sa->informational->SendDelete();
    return End(*sa, "it has taken as many exchanges as an SA may");
  }
  if (sa->soft == Time::Never()) return;  // the responder leaves it to the initiator
  sa->soft = shared.now();
  shared.sas.Rearm(*sa);
}

void Exchanges::TickHalfOpen(IsakmpSa& sa) {
  const Time now = shared.now();
  if (sa.expires <= now)
    return End(sa, sa.trouble.empty() ? "the initiator does not go on" : sa.trouble, Failure::kNoAnswer);
  if (sa.phase1->out.next > now || shared.transport.Repeat(sa, sa.phase1->out)) return shared.sas.Rearm(sa);
  const PeerKey key{sa.peer, sa.began_with};
  const Ipv4 local = sa.local.address;
  const bool probing = sa.probing;
  End(sa, sa.trouble.empty() ? "no answer" : "no answer; before, " + sa.trouble, Failure::kNoAnswer);
  if (probing) LosePeer(key, local, "no answer");
}

void Exchanges::Tick(IsakmpSa& sa) {
  const Time now = shared.now();
  if (!sa.ready) return TickHalfOpen(sa);
  if (sa.expires <= now) {
    // The responder says nothing: the initiator, who may be renewing it, knows its end himself.
    if (sa.initiator()) sa.informational->SendDelete();
    return End(sa, sa.replaced ? "replaced" : "its lifetime is over");
  }
  if (sa.soft <= now) {
    sa.soft = Time::Never();
    sa.fading = !sa.replaced;
    Rekey(sa);
  }
  if (std::vector<Wish> unanswered; sa.quicks->Tick(unanswered)) {
    shared.report.Failed(sa, Failure::kNoAnswer, "quick mode");
    // Whoever does not answer in its own SA has lost it; the next wish begins anew.
    End(sa, "no answer to quick mode");
    for (const Wish& wish : unanswered) shared.Fail(wish, "no answer to quick mode");
    return;
  }
  if (sa.liveness->Tick()) shared.sas.Rearm(sa);
}

// ---------------------------------------------------------------------------------------------- beginning

bool Exchanges::Begin(const PeerSettings& peer, Endpoint local, Endpoint remote, std::vector<Wish> waiting) {
  std::vector<Phase1Proposal> proposals = Usable(shared.settings, {&peer});
  if (proposals.empty()) {
    for (const Wish& wish : waiting) CannotBegin(wish, "neither pre-shared key nor certificates fit a proposal");
    return false;
  }
  if (!peer.local.empty()) local.address = peer.local;
  const Cookies cookies{NewCookie(shared.services.random), 0};
  IsakmpSa& sa = shared.sas.Make(shared, Role::kInitiator, cookies, local, remote, shared.now());
  ++shared.counters.initiated;
  sa.peer = peer.name;
  sa.aggressive = peer.aggressive;
  if (sa.aggressive) {
    sa.phase1 = std::make_unique<AggressiveMode>(shared, sa);
  } else {
    sa.phase1 = std::make_unique<MainMode>(shared, sa);
  }
  sa.waiting = std::move(waiting);
  shared.sas.SetConnecting({peer.name, remote.address}, sa);
  sa.phase1->Begin(peer, std::move(proposals));
  shared.sas.Rearm(sa);
  return true;
}

void Exchanges::CannotBegin(const Wish& wish, const std::string& why) {
  shared.report.Failed(wish.local, wish.remote, wish.peer, 1, Failure::kSettings, why);
  shared.Fail(wish, why);
}

bool Exchanges::Busy(const Wish& wish) const {
  return std::ranges::any_of(shared.sas.all(), [&](const auto& one) {
    return one.second->peer == wish.peer && one.second->quicks->Busy(wish);
  });
}

void Exchanges::Acquire(const Wish& wish) {
  const PeerSettings* peer = shared.FindPeer(wish.peer);
  if (peer == nullptr) return CannotBegin(wish, "the IKE peer is not configured");
  if (Busy(wish)) return;
  Ipv4 remote = wish.remote;
  if (remote.empty() && peer->fixed()) remote = peer->remote_first;
  if (remote.empty())
    for (const auto& [key, state] : shared.sas.peers())
      if (key.first == wish.peer && !state.ready.empty()) remote = key.second;
  if (remote.empty()) return CannotBegin(wish, "the IKE peer has no single address to begin with");
  const PeerKey key{wish.peer, remote};
  if (IsakmpSa* sa = shared.sas.Newest(key)) return sa->quicks->Start(wish);
  if (IsakmpSa* sa = shared.sas.Connecting(key)) return sa->waiting.push_back(wish);
  Ipv4 local = peer->local.empty() ? wish.local : peer->local;
  if (local.empty() && shared.services.source) local = shared.services.source(remote);
  if (local.empty()) return CannotBegin(wish, "no address of ours to begin with");
  Begin(*peer, {local, kPort}, {remote, kPort}, {wish});
}

void Exchanges::Rekey(IsakmpSa& sa) {
  const PeerKey key{sa.peer, sa.remote.address};
  const PeerSettings* peer = shared.FindPeer(sa.peer);
  if (sa.replaced || peer == nullptr || shared.sas.Newest(key) != &sa || shared.sas.Connecting(key) != nullptr) return;
  // What has floated stays on port 4500, in the NAT's mapping (RFC 3947 section 4).
  const bool floated = sa.local.port == kNatPort;
  if (floated) {
    Begin(*peer, sa.local, sa.remote, {});
  } else {
    Begin(*peer, {sa.local.address, kPort}, {sa.remote.address, kPort}, {});
  }
}

// ---------------------------------------------------------------------------------------------- standing

// Our choice: the initiator renews at 80 to 85 percent. Two ends that renew at once can take each other's SAs for
// stale, so the responder leaves it to the initiator, and leaves it time: its own clock may be the faster one.
void Exchanges::SetLifetime(IsakmpSa& sa) {
  const Time now = shared.now();
  const Duration life = std::chrono::seconds(sa.proposal.seconds);
  sa.expires = now + life + (sa.initiator() ? Duration() : kResponderPatience);
  if (sa.initiator()) sa.soft = now + life / 100 * (80 + shared.services.random.U32() % 6);
}

// Those that came with the last message. True: the other end holds nothing of before (RFC 2407 section 4.6.3.3).
bool Exchanges::TakeNotifications(IsakmpSa& sa, const Payloads& payloads) {
  bool afresh = false;
  for (const Payload& p : payloads) {
    if (p.type != PayloadType::kNotify) continue;
    const Parsed<Notify> parsed = ParseNotify(p.body);
    const Notify* notify = std::get_if<Notify>(&parsed);
    afresh |= notify != nullptr && notify->type == Notification::kInitialContact;
    // RFC 2407 section 4.6.3.1: the responder's lifetime of this SA is the smaller one.
    if (notify != nullptr && notify->type == Notification::kResponderLifetime && sa.initiator())
      sa.informational->Take(*notify);
  }
  return afresh;
}

// What we have of this end is good for nothing. Others may share its name and, behind a NAT, its address: theirs stays.
void Exchanges::StartAfresh(const IsakmpSa& sa) {
  const std::string why = "the other end has started afresh";
  const PeerKey key{sa.peer, sa.remote.address};
  const PeerState* peer = shared.sas.FindPeer(key);
  if (peer == nullptr) return;
  std::vector<Child> children;
  std::vector<std::uint32_t> ready;
  for (const Child& child : peer->children)
    if (child.remote_id == sa.remote_id) children.push_back(child);
  for (const std::uint32_t connection : peer->ready)
    if (const IsakmpSa* old = shared.sas.Find(connection); old != nullptr && old->remote_id == sa.remote_id)
      ready.push_back(connection);
  const bool alone = children.size() == peer->children.size() && ready.size() == peer->ready.size();
  if (alone) return LosePeer(key, sa.local.address, why);
  for (const std::uint32_t connection : ready)
    if (IsakmpSa* old = shared.sas.Find(connection)) End(*old, why);
  for (const Child& child : children) EndChild(key, child);
}

void Exchanges::ReplaceOlder(PeerState& peer, const IsakmpSa& sa) {
  for (const std::uint32_t connection : peer.ready) {
    IsakmpSa* old = shared.sas.Find(connection);
    if (old == nullptr || old->remote_id != sa.remote_id || old->established + kCollision > sa.established) continue;
    old->replaced = true;
    old->fading = false;
    old->soft = Time::Never();
    old->expires = std::min(old->expires, shared.now() + kReplacedLife);
    shared.sas.Rearm(*old);
  }
}

void Exchanges::Established(IsakmpSa& sa, const Payloads& payloads) {
  sa.ready = true;
  sa.phase1->Finish();
  sa.established = shared.now();
  if (!sa.initiator()) {
    ++shared.counters.responded;
    shared.sas.LeaveHalfOpen(sa);
  }
  shared.sas.EndConnecting(sa);
  if (TakeNotifications(sa, payloads)) StartAfresh(sa);

  PeerState& peer = shared.sas.peers()[{sa.peer, sa.remote.address}];
  peer.local = sa.local.address;
  ReplaceOlder(peer, sa);
  peer.ready.push_back(sa.connection);
  SetLifetime(sa);
  sa.liveness->Start();
  sa.liveness->Alive();
  sa.confirmed = !sa.initiator() || !sa.aggressive;
  shared.report.Tell(
      IkeTopic::kExchange, sa,
      fmt::format("ISAKMP SA {} established with {}, {} mode, {} s{}", sa.connection, sa.remote_id,
                  sa.aggressive ? "aggressive" : "main", sa.proposal.seconds, sa.nat_between() ? ", NAT between" : ""),
      IkeEventKind::kEstablished);
  for (Wish& wish : std::exchange(sa.waiting, {})) sa.quicks->Start(std::move(wish));
}

// ---------------------------------------------------------------------------------------------- ending

void Exchanges::End(IsakmpSa& sa, const std::string& why, std::optional<Failure> failure) {
  const std::uint32_t connection = sa.connection;
  const PeerKey key{sa.peer, sa.remote.address};
  std::vector<Wish> failed = std::move(sa.waiting);
  std::ranges::move(sa.quicks->End(), std::back_inserter(failed));
  if (sa.ready) {
    shared.report.Tell(IkeTopic::kExchange, sa, fmt::format("ISAKMP SA {} ends: {}", connection, why),
                       IkeEventKind::kEnded);
    if (PeerState* peer = shared.sas.FindPeer(key)) std::erase(peer->ready, connection);
  } else {
    ++(sa.initiator() ? shared.counters.initiated_failed : shared.counters.responded_failed);
    shared.report.Tell(IkeTopic::kError, sa, fmt::format("exchange {} given up: {}", connection, why));
    if (failure) shared.report.Failed(sa, sa.failure.value_or(*failure), why);
    if (!sa.initiator()) shared.sas.LeaveHalfOpen(sa);
  }
  shared.sas.Erase(sa);
  // What waited may still have another SA to go by.
  for (Wish& wish : failed) {
    if (IsakmpSa* other = shared.sas.Newest(key); other != nullptr && !Busy(wish)) {
      other->quicks->Start(std::move(wish));
    } else {
      shared.Fail(wish, why);
    }
  }
}

void Exchanges::LosePeer(const PeerKey& peer_key, Ipv4 local, const std::string& why) {
  const PeerKey key = peer_key;  // may be of what goes
  std::vector<std::uint32_t> gone;
  if (const PeerState* peer = shared.sas.FindPeer(key)) gone = peer->ready;
  shared.sas.peers().erase(key);
  for (const std::uint32_t connection : gone)
    if (IsakmpSa* sa = shared.sas.Find(connection); sa != nullptr && sa->ready) End(*sa, why);
  shared.report.Tell(IkeTopic::kError, local, key.second, key.first,
                     fmt::format("peer {} is lost: {}", key.second.ToString(), why), IkeEventKind::kPeerLost);
  shared.Later([owner = &shared.services.owner, key] { owner->PeerLost(key.first, key.second); });
}

void Exchanges::Withdraw(const PeerKey& key, SaProtocol protocol, std::uint32_t inbound_spi) {
  const bool ah = protocol == SaProtocol::kAh;
  if (PeerState* peer = shared.sas.FindPeer(key))
    std::erase_if(peer->children, [&](const Child& c) { return (ah ? c.own.ah : c.own.esp) == inbound_spi; });
  if (IsakmpSa* sa = shared.sas.Newest(key)) sa->informational->SendDelete(protocol, inbound_spi);
}

void Exchanges::EndChild(const PeerKey& key, const Child& child) {
  const auto end = [&](SaProtocol protocol, std::uint32_t spi) {
    if (spi == 0) return;
    Withdraw(key, protocol, spi);
    shared.Later([owner = &shared.services.owner, protocol, spi] { owner->Deleted(protocol, spi); });
  };
  end(SaProtocol::kEsp, child.own.esp);
  end(SaProtocol::kAh, child.own.ah);
}

void Exchanges::Forget(const std::vector<std::uint32_t>& connections, const std::string& why) {
  for (const std::uint32_t connection : connections) {
    IsakmpSa* sa = shared.sas.Find(connection);
    if (sa == nullptr) continue;
    if (sa->ready) sa->informational->SendDelete();
    End(*sa, why);
  }
}

}  // namespace sw::ipsec::ike
