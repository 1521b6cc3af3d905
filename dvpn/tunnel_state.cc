// What of a tunnel goes over to another process of this machine (hal/base/state.h): maps, sessions, counters. What is
// half made begins again: its other end asks again.
#include "hal/base/state.h"

#include <memory>
#include <utility>

#include "dvpn/client_tunnel.h"
#include "dvpn/server_tunnel.h"

namespace sw::dvpn {

namespace wire {
template <typename State>
void StateFields(State& state, Terms& t) {
  state(t.session_suite, t.data_suite, t.keepalive, t.setup_interval, t.idle, t.sa_duration);
}
template <typename State>
void StateFields(State& state, RegRsp& r) {
  state(r.dvpn_id, r.control_id, r.terms, r.server_private, r.observed, r.device_id);
}
}  // namespace wire

template <typename State>
void StateFields(State& state, Property& p) {
  state(p.addresses, p.networks);
}

template <typename State>
void Core::Fields(State& state) {
  Counters all = all_counters();
  state(keys_, drops_, moved_);
  state(all.input, all.dropped, all.output, all.output_errors, all.encryption_errors, all.redirects, all.relayed);
  if constexpr (State::kReads) counters = all;
}

// ---------------------------------------------------------------------------------------------- a server

template <typename State>
void Map::Fields(State& state) {
  int number = suite == nullptr ? 0 : suite->number;
  state(key, client_id, endpoint, request, nonce, number);
  state.Range(row, table::ServerRow::kUnproven, table::ServerRow::kFinished);
  if constexpr (State::kReads) {
    keyed = true;
    suite = ControlSuite(number);
    if (!state.ok() || suite == nullptr) return state.Refuse();
    channel.emplace(*suite);
  }
  state(*channel, session_base);
  state.Range(method, AuthMethod::kNone, AuthMethod::kChap);
  state.Range(proved, ServerProofKind::kNone, ServerProofKind::kCertificate);
  state(last_request, last_answer, user_name, claimed_user, property);
  state.Range(type, RegisterType::kUndistributed, RegisterType::kNormal);
  state(private_address, local, device_id, control_id, built, ages_at, trail);
}

template <typename State>
void ServerMaps::Fields(State& state) {
  std::vector<const Map*> finished;
  for (const Map* map : maps_.all())
    if (map->finished()) finished.push_back(map);
  auto count = static_cast<std::uint32_t>(finished.size());
  state(last_control_id_, admission_, count);
  for (std::uint32_t i = 0; i < count && state.ok(); ++i) {
    if constexpr (State::kReads) {
      auto map = std::make_unique<Map>();
      state(*map);
      const bool fresh = maps_.Find(map->key) == nullptr && maps_.OfPrivate(map->private_address) == nullptr;
      if (!state.ok() || !core_.Issued(map->key, Owner::kMap) || !fresh) return state.Refuse();
      Map& added = maps_.Add(std::move(map));
      maps_.Register(added);
      admission_.Take(added);
      core_.timers.Set(added.key, added.ages_at);
    } else {
      state(*maps_.Find(finished[i]->key));
    }
  }
}

template <typename State>
void ServerTunnel::Fields(State& state) {
  state(maps_, pair_secret_);
  if (pair_secret_.size() != wire::kSecretSize) state.Refuse();
  for (const Session* session : sessions_.all())
    if (maps_.table().Find(session->spec().map_key) == nullptr) state.Refuse();
}
void ServerTunnel::RoleFields(StateWriter& state) {
  Fields(state);
}
void ServerTunnel::RoleFields(StateReader& state) {
  Fields(state);
}

// ---------------------------------------------------------------------------------------------- a client

template <typename State>
void ClientExchange::Fields(State& state) {
  if constexpr (State::kReads) channel_.emplace(*hal::FindSuite(settings_.suite));
  state(id_, offer_.nonce, *channel_, session_base_, user_name_);
  state.Range(proved_, ServerProofKind::kNone, ServerProofKind::kCertificate);
}

template <typename State>
void Registration::Fields(State& state) {
  bool stands = row_ == table::ClientRow::kSuccess;
  state(stands);
  if constexpr (State::kReads)
    if (!stands && state.ok()) return Begin();
  if (!stands) return;
  state(exchange_, answer_, built_, trail_);
  if constexpr (State::kReads) row_ = table::ClientRow::kSuccess;
}

template <typename State>
void ClientTunnel::Fields(State& state) {
  state(registration_, away_since_, server_private_, redirected_);
  if (redirected_.size() > kMaxRedirectCache) state.Refuse();
}
void ClientTunnel::RoleFields(StateWriter& state) {
  Fields(state);
}
void ClientTunnel::RoleFields(StateReader& state) {
  Fields(state);
}

// ---------------------------------------------------------------------------------------------- both

SecretBytes TunnelBase::Save(Time now) {
  StateWriter state(now);
  core_.now = now;
  state(core_, sessions_);
  RoleFields(state);
  return state.Take();
}

bool TunnelBase::Restore(Time now, ByteView saved, Output& out) {
  StateReader state(saved, now);
  Enter(now, out);
  state(core_, sessions_);
  if (state.ok()) RoleFields(state);
  Leave();
  return state.done();
}

}  // namespace sw::dvpn
