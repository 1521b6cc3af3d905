// What of sessions goes over to another process of this machine (hal/base/state.h), part by part.
#include "hal/base/state.h"

#include <memory>
#include <utility>

#include "dvpn/fast_path.h"
#include "dvpn/session_table.h"
#include "dvpn/terms.h"
#include "ipsec/sa_state.h"

namespace sw::dvpn {

namespace wire {
template <typename State>
void StateFields(State& state, Terms& t) {
  state(t.session_suite, t.data_suite, t.keepalive, t.setup_interval, t.idle, t.sa_duration);
}
}  // namespace wire

template <typename State>
void SessionSpec::Fields(State& state) {
  state.Range(type, CommunicateType::kClientToServer, CommunicateType::kClientToClient);
  state(dvpn_id, local_private, peer_private, local_public, candidates, peer_device_id, user_name, terms);
  state.Range(server_proof, ServerProofKind::kNone, ServerProofKind::kCertificate);
  state(base, roams, map_key);
  if (candidates.empty() || ControlSuite(terms.session_suite) == nullptr || hal::FindSuite(terms.data_suite) == nullptr)
    state.Refuse();
}

// ---------------------------------------------------------------------------------------------- keys

namespace {

template <typename State>
void SaFields(State& state, Core& core, ipsec::SaId& id, hal::Direction direction) {
  std::optional<ipsec::SaState> sa;
  if constexpr (!State::kReads)
    if (id != 0) sa = core.esp.Save(id);
  state(sa);
  if constexpr (State::kReads) {
    if (!state.ok() || !sa) return;
    if (sa->direction != direction) return state.Refuse();
    const auto restored = core.esp.Restore(*sa);
    restored.ok() ? void(id = *restored) : state.Refuse();
  }
}

}  // namespace

template <typename State>
void SessionKeys::Fields(State& state, std::optional<Generation>& generation) {
  Core& core = context_.core;
  bool there = generation.has_value();
  state(there);
  if (!there || !state.ok()) return;
  if constexpr (State::kReads) generation.emplace(Generation{ControlChannel(context_.suite), 0, 0, {}, {}});
  Generation& g = *generation;
  state(g.channel, g.made, g.expires);
  SaFields(state, core, g.inbound, hal::Direction::kOpen);
  SaFields(state, core, g.outbound, hal::Direction::kSeal);
  if constexpr (State::kReads) {
    if (!state.ok() || g.inbound == 0 || !index_.by_channel.try_emplace(g.channel.id(), &owner_).second)
      return state.Refuse();
    index_.by_sa[g.inbound] = &owner_;
    if (FastPath* fast = core.services.fast) {
      g.in_shared = core.esp.Shared(g.inbound);
      g.out_shared = core.esp.Shared(g.outbound);
      fast->Show(g.in_shared->spi, {g.in_shared, g.inbound, nullptr});
    }
  }
}

template <typename State>
void SessionKeys::Fields(State& state) {
  const std::uint64_t id = base_.id();
  state(base_);
  if (base_.id() != id) state.Refuse();  // it comes from the secret of the session
  Fields(state, current_);
  Fields(state, retiring_);
  if (current_ && current_->outbound == 0) state.Refuse();
  state(retire_at_, rekey_at_, active_);
}

template <typename State>
void RememberedChannels::Fields(State& state) {
  std::vector<std::pair<Ipv4, std::pair<std::uint64_t, std::uint64_t>>> names;
  std::vector<ControlChannel::Counters> counters;
  if constexpr (!State::kReads) {
    for (const Ipv4 peer : order_) {
      const Entry& entry = entries_.at(peer);
      names.push_back({peer, {entry.session, entry.id}});
      counters.push_back(entry.counters);
    }
  }
  state(names, counters);
  if constexpr (State::kReads) {
    if (names.size() != counters.size() || names.size() > most_) return state.Refuse();
    for (std::size_t i = 0; i < names.size(); ++i)
      Keep(names[i].first, names[i].second.first, names[i].second.second, counters[i]);
  }
}

// ---------------------------------------------------------------------------------------------- path and exchange

template <typename State>
void SessionPath::Fields(State& state) {
  bool searched = search_ != nullptr;
  state(peer_, doubtful_, turns_, searched);
  if constexpr (State::kReads)
    if (searched) search_ = std::make_unique<PathMtu>(context_.now(), kPathBase);
  if (searched) state(*search_);
  if (searched && !keys_.current()) state.Refuse();
  if constexpr (State::kReads)
    if (state.ok()) Show();
}

template <typename State>
void SetupExchange::Fields(State& state) {
  const bool unanswered = active() && !keyed();
  bool asks = unanswered && !rekey(), there = pending_ && !unanswered;
  state(created_, probes_, next_probe_, asks, there);
  if constexpr (State::kReads)
    if (there) pending_.emplace();
  if (there) {
    Pending& p = *pending_;
    bool rekeys = rekey();
    state(p.active, rekeys, p.nonce, p.spi, p.answered, p.answer, p.peer, p.several, p.question, p.sends, p.next_send,
          p.expires);
    keys_.Fields(state, p.keys);
    if (!p.keys || p.keys->outbound == 0 || (rekeys && !keys_.current())) state.Refuse();
    if constexpr (State::kReads) p.request_type = rekeys ? wire::Type::kRekeyReq : wire::Type::kSetupReq;
  }
  if constexpr (State::kReads)
    if (asks && state.ok()) Setup();
}

template <typename State>
void Session::Fields(State& state) {
  if constexpr (!State::kReads) Absorb();
  state(context_, keys_, path_, exchange_, traffic_, release_);
  state.Range(phase_, Phase::kLive, Phase::kGone);
  state(reason_, newly_proven_, built_);
  if (phase_ != Phase::kLive && !proven()) state.Refuse();
}

// ---------------------------------------------------------------------------------------------- the table

template <typename State>
void SessionTable::Fields(State& state) {
  enum class Place : std::uint8_t { kOwn, kSuccessor, kLeaving };
  std::vector<std::uint64_t> keys;
  for (const auto& [key, session] : sessions_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  state(index_.remembered, keys);
  for (std::uint64_t key : keys) {
    SessionSpec spec;
    Place place = Place::kLeaving;
    if constexpr (!State::kReads) {
      Session& session = *sessions_.at(key);
      spec = session.spec();
      const auto next = successors_.find(spec.peer_private);
      place = Find(spec.peer_private) == &session                     ? Place::kOwn
              : next != successors_.end() && next->second == &session ? Place::kSuccessor
                                                                      : Place::kLeaving;
    }
    state(spec);
    state.Range(place, Place::kOwn, Place::kLeaving);
    if (!state.ok()) return;
    if constexpr (State::kReads) {
      const Ipv4 peer = spec.peer_private;
      if (!core_.Issued(key, Owner::kSession) || sessions_.contains(key)) return state.Refuse();
      auto& made = sessions_[key];
      made = std::make_unique<Session>(core_, index_, key, std::move(spec));
      auto* const places = place == Place::kOwn ? &by_peer_ : place == Place::kSuccessor ? &successors_ : nullptr;
      if (places != nullptr && !places->try_emplace(peer, made.get()).second) return state.Refuse();
    }
    Session& session = *sessions_.at(key);
    state(session);
    if constexpr (State::kReads)
      if (state.ok()) core_.timers.Set(key, session.Deadline());
  }
}

template void SessionTable::Fields(StateWriter&);
template void SessionTable::Fields(StateReader&);

}  // namespace sw::dvpn
