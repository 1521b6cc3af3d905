#include "dvpn/session_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace sw::dvpn {

Session& SessionTable::Add(SessionSpec spec) {
  const std::uint64_t key = core_.NewKey(Owner::kSession);
  const Ipv4 peer = spec.peer_private;
  // One attempt at a time: what is not proven yet makes room. So does a closing session of the same pair, whose
  // message counters the new one goes on with.
  if (Session* own = Find(peer); own != nullptr && !own->proven()) Remove(*own, "a newer one is set up");
  if (const auto next = successors_.find(peer); next != successors_.end())
    Remove(*next->second, "a newer one is set up");
  if (Session* same = OfChannel(DeriveBase(*ControlSuite(spec.terms.session_suite), spec.base).id))
    Remove(*same, "a newer one is set up");
  auto session = std::make_unique<Session>(core_, index_, key, std::move(spec));
  Session& added = *session;
  sessions_.emplace(key, std::move(session));
  if (!by_peer_.try_emplace(peer, &added).second) successors_[peer] = &added;
  core_.timers.Set(key, added.Deadline());
  return added;
}

Session* SessionTable::Find(Ipv4 peer) const {
  const auto it = by_peer_.find(peer);
  return it == by_peer_.end() ? nullptr : it->second;
}

Session* SessionTable::OfChannel(std::uint64_t channel) const {
  const auto it = index_.by_channel.find(channel);
  return it == index_.by_channel.end() ? nullptr : it->second;
}
Session* SessionTable::OfSa(ipsec::SaId sa) const {
  const auto it = index_.by_sa.find(sa);
  return it == index_.by_sa.end() ? nullptr : it->second;
}

std::vector<Session*> SessionTable::all() const {
  std::vector<Session*> out;
  out.reserve(by_peer_.size());
  for (const auto& [peer, session] : by_peer_) {
    session->Absorb();
    out.push_back(session);
  }
  std::sort(out.begin(), out.end(),
            [](const Session* a, const Session* b) { return a->spec().peer_private < b->spec().peer_private; });
  return out;
}

void SessionTable::OnTimer(std::uint64_t key) {
  const auto it = sessions_.find(key);
  if (it == sessions_.end()) return;
  Session& session = *it->second;
  session.OnTimer();
  Settle(session);
}

void SessionTable::Settle(Session& session) {
  if (session.TakeProven()) {
    const Ipv4 peer = session.spec().peer_private;
    if (Session* old = Find(peer); old != &session) {
      if (old != nullptr) Remove(*old, "succeeded by a newer one");
      successors_.erase(peer);
      by_peer_[peer] = &session;
    }
    const SessionInfo built = session.info();
    core_.Note(Topic::kSession, What::kSessionBuilt, peer.ToString(),
               fmt::format("session {} with {} built and proven, {} side", Name(session.spec().type),
                           session.peer().ToString(), built.initiator ? "active" : "passive"),
               nullptr, &built);
    if (core_.services.history != nullptr)
      core_.services.history->Up(core_.now, session.spec().dvpn_id, peer, session.spec().peer_device_id);
    observer_.OnSessionProven(session);
  }
  if (session.phase() != Session::Phase::kLive) {
    const auto own = by_peer_.find(session.spec().peer_private);
    if (own != by_peer_.end() && own->second == &session) {
      observer_.OnSessionEnding(session);
      Detach(session, session.reason());
    }
    if (session.phase() == Session::Phase::kGone) {
      Erase(session);
      return;
    }
  }
  core_.timers.Set(session.key(), session.Deadline());
}

void SessionTable::Detach(Session& session, const std::string& why) {
  const auto own = by_peer_.find(session.spec().peer_private);
  if (own == by_peer_.end() || own->second != &session) return;
  by_peer_.erase(own);
  session.Absorb();
  const SessionInfo removed = session.info();
  if (core_.services.history != nullptr && session.proven())
    core_.services.history->Down(core_.now, removed.dvpn_id, removed.peer_private, removed.sent_packets,
                                 removed.received_packets);
  core_.Note(Topic::kSession, session.proven() ? What::kSessionRemoved : What::kNote,
             session.spec().peer_private.ToString(),
             fmt::format("session {} removed: {}", Name(session.spec().type), why), nullptr,
             session.proven() ? &removed : nullptr);
}

void SessionTable::Remove(Session& session, const std::string& why) {
  Detach(session, why);
  Erase(session);
}

void SessionTable::Erase(Session& session) {
  const auto next = successors_.find(session.spec().peer_private);
  if (next != successors_.end() && next->second == &session) successors_.erase(next);
  sessions_.erase(session.key());
}

void SessionTable::Close(Session& session, const std::string& why) {
  session.Close(why);
  Detach(session, why);
  if (session.phase() == Session::Phase::kGone) {
    Erase(session);
  } else {
    core_.timers.Set(session.key(), session.Deadline());
  }
}

void SessionTable::ForgetEnded() {
  index_.remembered.Clear();
}

void SessionTable::CloseAll(const std::string& why) {
  while (!successors_.empty()) Remove(*successors_.begin()->second, why);
  for (Session* session : all()) Close(*session, why);
}

}  // namespace sw::dvpn
