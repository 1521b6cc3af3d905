#include "ipsec/ike/isakmp_sas.h"

#include <algorithm>

#include "ipsec/ike/liveness.h"
#include "ipsec/ike/phase1.h"
#include "ipsec/ike/quick_modes.h"

namespace sw::ipsec::ike {
namespace {

constexpr Duration kHalfOpenLife = std::chrono::seconds(30);  // our choice

}  // namespace

IsakmpSa* IsakmpSas::Find(std::uint32_t connection) const {
  const auto found = all_.find(connection);
  return found == all_.end() ? nullptr : found->second.get();
}

IsakmpSa* IsakmpSas::Find(const Cookies& cookies, Ipv4 remote) const {
  const auto found = by_cookies_.find({cookies, cookies.responder == 0 ? remote : Ipv4()});
  return found == by_cookies_.end() ? nullptr : Find(found->second);
}

IsakmpSa& IsakmpSas::Make(Shared& shared, Role role, const Cookies& cookies, Endpoint local, Endpoint remote,
                          Time now) {
  auto sa = std::make_unique<IsakmpSa>(shared);
  sa->connection = NewConnection();
  sa->role = role;
  sa->local = local;
  sa->remote = remote;
  sa->began_with = remote.address;
  sa->created = now;
  sa->cookies = cookies;
  by_cookies_[{Cookies{cookies.initiator, 0}, remote.address}] = sa->connection;
  if (role == Role::kResponder) {
    Index(*sa);
    half_open_[remote.address].push_back(sa->connection);
    ++half_open_count_;
    sa->expires = now + kHalfOpenLife;
  }
  IsakmpSa& made = *sa;
  all_.emplace(made.connection, std::move(sa));
  return made;
}

void IsakmpSas::Index(const IsakmpSa& sa) {
  by_cookies_[{sa.cookies, Ipv4()}] = sa.connection;
}

void IsakmpSas::Erase(IsakmpSa& sa) {
  const std::uint32_t connection = sa.connection;
  for (const auto& entry :
       {std::pair{Cookies{sa.cookies.initiator, 0}, sa.began_with}, std::pair{sa.cookies, Ipv4()}}) {
    const auto found = by_cookies_.find(entry);
    if (found != by_cookies_.end() && found->second == connection) by_cookies_.erase(found);
  }
  EndConnecting(sa);
  if (sa.deadline != Time::Never()) deadlines_.erase({sa.deadline, connection});
  all_.erase(connection);
}

// The address under which an initiator began is the key, wherever the exchange has floated to.
void IsakmpSas::EndConnecting(const IsakmpSa& sa) {
  std::erase_if(connecting_, [&](const auto& entry) { return entry.second == sa.connection; });
}

IsakmpSa* IsakmpSas::Newest(const PeerKey& key) const {
  const auto peer = peers_.find(key);
  if (peer == peers_.end()) return nullptr;
  for (auto it = peer->second.ready.rbegin(); it != peer->second.ready.rend(); ++it)
    if (IsakmpSa* sa = Find(*it); sa != nullptr && sa->ready) return sa;
  return nullptr;
}

IsakmpSa* IsakmpSas::Connecting(const PeerKey& key) const {
  const auto found = connecting_.find(key);
  return found == connecting_.end() ? nullptr : Find(found->second);
}

PeerState* IsakmpSas::FindPeer(const PeerKey& key) {
  const auto found = peers_.find(key);
  return found == peers_.end() ? nullptr : &found->second;
}

void IsakmpSas::Rearm(IsakmpSa& sa) {
  const Time next =
      std::min({sa.phase1->out.next, sa.expires, sa.soft, sa.liveness->deadline(), sa.quicks->deadline()});
  if (next == sa.deadline) return;
  if (sa.deadline != Time::Never()) deadlines_.erase({sa.deadline, sa.connection});
  sa.deadline = next;
  if (next != Time::Never()) deadlines_.insert({next, sa.connection});
}

IsakmpSa* IsakmpSas::PopDue(Time now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    IsakmpSa* sa = Find(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    if (sa == nullptr) continue;
    sa->deadline = Time::Never();
    return sa;
  }
  return nullptr;
}

void IsakmpSas::LeaveHalfOpen(const IsakmpSa& sa) {
  const auto list = half_open_.find(sa.began_with);
  if (list != half_open_.end()) {
    std::erase(list->second, sa.connection);
    if (list->second.empty()) half_open_.erase(list);
  }
  --half_open_count_;
}

std::vector<std::uint32_t> IsakmpSas::HalfOpenOf(Ipv4 remote) const {
  const auto found = half_open_.find(remote);
  return found == half_open_.end() ? std::vector<std::uint32_t>() : found->second;
}

// The oldest of all is the one with the smallest number.
IsakmpSa* IsakmpSas::OldestUnproven() const {
  IsakmpSa* oldest = nullptr;
  for (const auto& [address, list] : half_open_)
    for (const std::uint32_t connection : list)
      if (IsakmpSa* sa = Find(connection); sa != nullptr && !sa->phase1->proven()) {
        if (oldest == nullptr || connection < oldest->connection) oldest = sa;
        break;
      }
  return oldest;
}

}  // namespace sw::ipsec::ike
