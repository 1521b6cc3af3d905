#include "ipsec/ike/engine.h"

#include <algorithm>
#include <utility>

#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/liveness.h"

namespace sw::ipsec::ike {
namespace {

SaInfo Row(const IsakmpSa& sa, Time now) {
  SaInfo row;
  row.id = sa.connection;
  row.peer = sa.peer;
  row.local = sa.local.address;
  row.remote = sa.remote;
  row.ready = sa.ready;
  row.stay_alive = sa.initiator();
  row.replaced = sa.replaced;
  row.fading = sa.fading;
  row.timeout = sa.liveness->timeout();
  row.aggressive = sa.aggressive;
  row.nat_local = sa.nat_local;
  row.nat_remote = sa.nat_remote;
  row.remote_id = sa.remote_id;
  row.proposal = sa.proposal;
  row.age = now - (sa.ready ? sa.established : sa.created);
  row.left = sa.ready ? sa.expires - now : Duration{0};
  return row;
}

SaInfo Row(const PeerKey& key, const Child& child, Time now) {
  SaInfo row;
  row.id = child.connection;
  row.peer = key.first;
  row.local = child.local;
  row.remote = {key.second, 0};
  row.phase = 2;
  row.ready = true;
  row.stay_alive = child.stay_alive;
  row.left = child.expires == Time::Never() ? Duration{0} : child.expires - now;
  return row;
}

}  // namespace

Engine::Engine(Settings settings, EngineServices services)
    : exchanges_(std::make_unique<Exchanges>(std::move(settings), std::move(services))) {}
Engine::~Engine() = default;

void Exchanges::EndStrangers() {
  std::vector<std::uint32_t> gone;
  for (const auto& [connection, sa] : shared.sas.all())
    if (shared.FindPeer(sa->peer) == nullptr) gone.push_back(connection);
  Forget(gone, "the peer is no longer configured");
  std::erase_if(shared.sas.peers(), [&](const auto& peer) { return shared.FindPeer(peer.first.first) == nullptr; });
}

void Exchanges::FollowSettings() {
  for (const auto& [connection, sa] : shared.sas.all()) {
    if (!sa->ready) continue;
    sa->liveness->Configure();
    shared.sas.Rearm(*sa);
  }
}

void Engine::Configure(Settings settings) {
  const Effects::Batch batch(exchanges_->shared.effects);
  exchanges_->shared.settings = std::move(settings);
  exchanges_->EndStrangers();
  exchanges_->FollowSettings();
}

void Engine::ConfigureAllBut(Settings settings) {
  Settings& mine = exchanges_->shared.settings;
  const Effects::Batch batch(exchanges_->shared.effects);
  settings.peers = std::move(mine.peers);
  mine = std::move(settings);
  exchanges_->FollowSettings();
}

void Engine::SetPeer(PeerSettings peer) {
  const Effects::Batch batch(exchanges_->shared.effects);
  std::string name = peer.name;
  exchanges_->shared.settings.peers.insert_or_assign(std::move(name), std::move(peer));
}

void Engine::RemovePeer(const std::string& name) {
  const Effects::Batch batch(exchanges_->shared.effects);
  if (exchanges_->shared.settings.peers.erase(name) != 0) exchanges_->EndStrangers();
}

void Engine::Receive(Endpoint local, Endpoint remote, ByteView bytes) {
  Shared& shared = exchanges_->shared;
  const Effects::Batch batch(shared.effects);
  ++shared.counters.in_packets;
  shared.counters.in_octets += bytes.size();
  if (local.port == kNatPort) {
    if (bytes.size() < 4 || Load32(bytes.data()) != 0) return;  // a keepalive; ESP does not come here
    bytes = bytes.subspan(4);
  }
  exchanges_->Dispatch(local, remote, bytes);
}

Time Engine::deadline() const {
  return exchanges_->shared.sas.deadline();
}

void Engine::OnTimer() {
  Shared& shared = exchanges_->shared;
  const Effects::Batch batch(shared.effects);
  const Time now = shared.now();
  while (IsakmpSa* sa = shared.sas.PopDue(now)) exchanges_->Tick(*sa);
}

void Engine::Acquire(const Wish& wish) {
  const Effects::Batch batch(exchanges_->shared.effects);
  exchanges_->Acquire(wish);
}

void Engine::Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol, std::uint32_t inbound_spi) {
  const Effects::Batch batch(exchanges_->shared.effects);
  exchanges_->Withdraw({peer, remote}, protocol, inbound_spi);
}

void Engine::Heard(const std::string& peer, Ipv4 remote) {
  Shared& shared = exchanges_->shared;
  const Effects::Batch batch(shared.effects);
  PeerState* state = shared.sas.FindPeer({peer, remote});
  if (state == nullptr) return;
  state->heard = shared.now();
  if (IsakmpSa* sa = shared.sas.Newest({peer, remote}); sa != nullptr && sa->liveness->probing()) {
    sa->liveness->Heard();
    shared.sas.Rearm(*sa);
  }
}

void Engine::Sending(const std::string& peer, Ipv4 remote) {
  Shared& shared = exchanges_->shared;
  const PeerKey key{peer, remote};
  const PeerState* state = shared.sas.FindPeer(key);
  const PeerSettings* settings = shared.FindPeer(peer);
  if (state == nullptr || settings == nullptr || !settings->dpd) return;
  if (shared.now() - state->heard < std::chrono::seconds(settings->dpd->interval)) return;
  const Effects::Batch batch(shared.effects);
  if (IsakmpSa* newest = shared.sas.Newest(key)) {
    if (newest->peer_dpd && !newest->liveness->probing()) newest->liveness->Probe(*settings->dpd);
  } else if (shared.sas.Connecting(key) == nullptr && settings->AtAddress(remote)) {
    // The ISAKMP SA is gone; a new one shows whether the other end lives.
    const Ipv4 local = state->local;
    if (exchanges_->Begin(*settings, {local, kPort}, {remote, kPort}, {}))
      if (IsakmpSa* sa = shared.sas.Connecting(key)) sa->probing = true;
  }
}

bool Engine::Reset(std::optional<std::uint32_t> connection) {
  Shared& shared = exchanges_->shared;
  const Effects::Batch batch(shared.effects);
  std::vector<std::uint32_t> wanted;
  for (const auto& [number, sa] : shared.sas.all())
    if (!connection || *connection == number) wanted.push_back(number);
  exchanges_->Forget(wanted, "reset");
  if (!connection || !wanted.empty()) return true;
  for (const auto& [key, state] : shared.sas.peers()) {
    const auto child = std::ranges::find(state.children, *connection, &Child::connection);
    if (child == state.children.end()) continue;
    exchanges_->EndChild(PeerKey(key), Child(*child));
    return true;
  }
  return false;
}

void Engine::Leave() {
  Shared& shared = exchanges_->shared;
  const Effects::Batch batch(shared.effects);
  std::vector<std::pair<PeerKey, Child>> children;
  for (const auto& [key, state] : shared.sas.peers())
    for (const Child& child : state.children) children.emplace_back(PeerKey(key), child);
  for (const auto& [key, child] : children) exchanges_->EndChild(key, child);
  std::vector<std::uint32_t> connections;
  for (const auto& [number, sa] : shared.sas.all()) connections.push_back(number);
  exchanges_->Forget(connections, "this device stops");
}

std::vector<SaInfo> Engine::sas() const {
  std::vector<SaInfo> out;
  const IsakmpSas& sas = exchanges_->shared.sas;
  const Time now = exchanges_->shared.now();
  for (const auto& [connection, sa] : sas.all()) out.push_back(Row(*sa, now));
  for (const auto& [key, state] : sas.peers())
    for (const Child& child : state.children)
      if (child.expires > now) out.push_back(Row(key, child, now));
  std::ranges::sort(out, {}, &SaInfo::id);
  return out;
}

const Counters& Engine::counters() const {
  return exchanges_->shared.counters;
}
std::size_t Engine::half_open() const {
  return exchanges_->shared.sas.half_open();
}

}  // namespace sw::ipsec::ike
