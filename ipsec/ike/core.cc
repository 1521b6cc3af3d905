// The engine's tables: SAs by connection, cookies and deadline; entry points' bookkeeping; dispatch of datagrams.
#include "ipsec/ike/core.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::ipsec::ike {

Engine::Impl::Batch::~Batch() {
  if (impl_.depth == 1) {
    while (!impl_.effects.empty()) {
      const std::function<void()> effect = std::move(impl_.effects.front());
      impl_.effects.pop_front();
      effect();
    }
  }
  if (--impl_.depth == 0 && impl_.services.rearm) impl_.services.rearm();
}

const PeerSettings* Engine::Impl::FindPeer(const std::string& name) const {
  const auto found = settings.peers.find(name);
  return found == settings.peers.end() ? nullptr : &found->second;
}

Phase1Sa* Engine::Impl::Find(std::uint32_t connection) {
  const auto found = sas.find(connection);
  return found == sas.end() ? nullptr : found->second.get();
}

Phase1Sa* Engine::Impl::Find(const Cookies& cookies, Ipv4 remote) {
  const auto found = by_cookies.find({cookies, cookies.responder == 0 ? remote : Ipv4()});
  return found == by_cookies.end() ? nullptr : Find(found->second);
}

std::uint64_t Engine::Impl::NewCookie() {
  for (;;)
    if (const std::uint64_t cookie = services.random.U64(); cookie != 0) return cookie;
}

std::uint32_t Engine::Impl::NewMessageId(const Phase1Sa& sa) {
  for (;;) {
    const std::uint32_t id = services.random.U32();
    if (id != 0 && !sa.quicks.contains(id) && !sa.used_ids.contains(id)) return id;
  }
}

Phase1Sa& Engine::Impl::Make(Role role, const Cookies& cookies, Endpoint local, Endpoint remote) {
  auto sa = std::make_unique<Phase1Sa>();
  sa->connection = ++last_connection;
  sa->role = role;
  sa->local = local;
  sa->remote = remote;
  sa->began_with = remote.address;
  sa->created = sa->heard = now();
  sa->inputs.cookies = cookies;
  by_cookies[{Cookies{cookies.initiator, 0}, remote.address}] = sa->connection;
  if (cookies.responder != 0) by_cookies[{cookies, Ipv4()}] = sa->connection;
  if (role == Role::kResponder) {
    half_open[remote.address].push_back(sa->connection);
    ++half_open_count;
  }
  Phase1Sa& made = *sa;
  sas.emplace(made.connection, std::move(sa));
  return made;
}

void Engine::Impl::Index(Phase1Sa& sa, const Cookies& cookies) {
  sa.inputs.cookies = cookies;
  by_cookies[{cookies, Ipv4()}] = sa.connection;
}

void Engine::Impl::Rearm(Phase1Sa& sa) {
  Time next =
      std::min({sa.out.next, sa.expires, sa.soft, sa.dpd_due, sa.keepalive_send, sa.keepalive_watch, sa.nat_keepalive});
  if (!sa.ready() && !sa.initiator()) next = std::min(next, sa.created + kHalfOpenLife);
  for (const auto& [id, quick] : sa.quicks) next = std::min({next, quick.out.next, quick.forget});
  if (next == sa.deadline) return;
  if (sa.deadline != Time::Never()) deadlines.erase({sa.deadline, sa.connection});
  sa.deadline = next;
  if (next != Time::Never()) deadlines.insert({next, sa.connection});
}

void Engine::Impl::LeaveHalfOpen(const Phase1Sa& sa) {
  const auto list = half_open.find(sa.began_with);
  if (list != half_open.end()) {
    std::erase(list->second, sa.connection);
    if (list->second.empty()) half_open.erase(list);
  }
  --half_open_count;
}

void Engine::Impl::End(Phase1Sa& sa, const std::string& why, std::optional<Failure> failure) {
  const std::uint32_t connection = sa.connection;
  const PeerKey key{sa.peer, sa.remote.address};
  std::vector<Wish> failed = std::move(sa.waiting);
  for (auto& [id, quick] : sa.quicks)
    if (quick.role == Role::kInitiator && quick.step == Quick::Step::kOffered) failed.push_back(std::move(quick.wish));
  for (const auto& [id, quick] : sa.quicks) Abandon(quick);
  if (sa.ready()) {
    Tell(Topic::kExchange, sa, fmt::format("ISAKMP SA {} ends: {}", connection, why), What::kEnded);
    if (const auto peer = peers.find(key); peer != peers.end()) std::erase(peer->second.ready, connection);
  } else {
    ++(sa.initiator() ? counters.initiated_failed : counters.responded_failed);
    Tell(Topic::kError, sa, fmt::format("exchange {} given up: {}", connection, why));
    if (failure) TellFailed(sa, sa.failure.value_or(*failure), why);
    if (!sa.initiator()) LeaveHalfOpen(sa);
  }
  for (const auto& entry :
       {std::pair{Cookies{sa.inputs.cookies.initiator, 0}, sa.began_with}, std::pair{sa.inputs.cookies, Ipv4()}}) {
    const auto found = by_cookies.find(entry);
    if (found != by_cookies.end() && found->second == connection) by_cookies.erase(found);
  }
  // The address under which an initiator began is the connecting table's, wherever the exchange has floated to.
  std::erase_if(connecting, [&](const auto& entry) { return entry.second == connection; });
  if (sa.deadline != Time::Never()) deadlines.erase({sa.deadline, connection});
  sas.erase(connection);
  // What waited may still have another SA to go by.
  for (Wish& wish : failed) {
    if (Phase1Sa* other = Newest(key); other != nullptr && !Busy(wish)) {
      StartQuick(*other, std::move(wish));
    } else {
      Fail(wish, why);
    }
  }
}

Phase1Sa* Engine::Impl::Newest(const PeerKey& key) {
  const auto peer = peers.find(key);
  if (peer == peers.end()) return nullptr;
  for (auto it = peer->second.ready.rbegin(); it != peer->second.ready.rend(); ++it)
    if (Phase1Sa* sa = Find(*it); sa != nullptr && sa->ready()) return sa;
  return nullptr;
}

Phase1Sa* Engine::Impl::Connecting(const PeerKey& key) {
  const auto found = connecting.find(key);
  return found == connecting.end() ? nullptr : Find(found->second);
}

void Engine::Impl::Fail(const Wish& wish, const std::string& why) {
  Later([this, wish, why] { services.owner.Failed(wish, why); });
}

void Engine::Impl::CannotBegin(const Wish& wish, const std::string& why) {
  TellFailed(wish.local, wish.remote, wish.peer, 1, Failure::kSettings, why);
  Fail(wish, why);
}

void Engine::Impl::Dispatch(Endpoint local, Endpoint remote, ByteView message) {
  const Parsed<Header> parsed = ParseHeader(message);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return CountDrop(*fault);
  const Header& header = std::get<Header>(parsed);
  Phase1Sa* sa = Find(header.cookies, remote.address);
  switch (header.exchange) {
    case Exchange::kMain:
    case Exchange::kAggressive: {
      if (sa == nullptr && header.cookies.responder == 0) return Opener(header, message, local, remote);
      // The answer to our first message brings the other end's cookie.
      if (sa == nullptr) sa = Find(Cookies{header.cookies.initiator, 0}, remote.address);
      if (sa == nullptr) return CountDrop(Notification::kInvalidCookie);
      return Continue(*sa, header, message, local, remote);
    }
    case Exchange::kQuick:
    case Exchange::kInformational:
      if (sa == nullptr && !header.encrypted() && header.exchange == Exchange::kInformational)
        sa = Find(Cookies{header.cookies.initiator, 0}, remote.address);
      if (sa == nullptr) return CountDrop(Notification::kInvalidCookie);
      header.exchange == Exchange::kQuick ? ReceiveQuick(*sa, header, message)
                                          : ReceiveInformational(*sa, header, message);
      return;
    case Exchange::kNone:
      break;
  }
  CountDrop(Notification::kUnsupportedExchangeType);
}

void Engine::Impl::Tick(Phase1Sa& sa) {
  const Time t = now();
  if (!sa.ready()) {
    if (!sa.initiator() && sa.created + kHalfOpenLife <= t)
      return End(sa, sa.trouble.empty() ? "the initiator does not go on" : sa.trouble, Failure::kNoAnswer);
    if (sa.out.next <= t && !Repeat(sa, sa.out)) {
      const PeerKey key{sa.peer, sa.began_with};
      const Ipv4 local = sa.local.address;
      const bool probing = sa.probing;
      End(sa, sa.trouble.empty() ? "no answer" : "no answer; before, " + sa.trouble, Failure::kNoAnswer);
      if (probing) LosePeer(key, local, "no answer");
      return;
    }
    return Rearm(sa);
  }
  if (sa.expires <= t) {
    // The responder says nothing: the initiator, who may be renewing it, knows its end himself.
    if (sa.initiator()) SendDelete(sa);
    return End(sa, sa.replaced ? "replaced" : "its lifetime is over");
  }
  if (sa.soft <= t) {
    sa.soft = Time::Never();
    sa.fading = !sa.replaced;
    Rekey(sa);
  }
  std::vector<Wish> failed;
  for (auto it = sa.quicks.begin(); it != sa.quicks.end();) {
    Quick& quick = it->second;
    bool over = quick.forget <= t;
    if (!over && quick.out.next <= t) {
      // An aggressive responder that has not shown life may lack message 3, without which it cannot read this.
      if (sa.initiator() && sa.aggressive && !sa.confirmed) Transmit(sa, sa.out.message);
      if (!Repeat(sa, quick.out)) {
        over = true;
        if (quick.role == Role::kInitiator) failed.push_back(std::move(quick.wish));
      }
    }
    if (over) Abandon(quick);
    it = over ? sa.quicks.erase(it) : std::next(it);
  }
  if (!failed.empty()) {
    TellFailed(sa, Failure::kNoAnswer, "quick mode");
    // Whoever does not answer in its own SA has lost it; the next wish begins anew.
    End(sa, "no answer to quick mode");
    for (const Wish& wish : failed) Fail(wish, "no answer to quick mode");
    return;
  }
  if (!LivenessTick(sa)) return;
  Rearm(sa);
}

}  // namespace sw::ipsec::ike
