#include "ipsec/ike/engine.h"

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

Engine::Engine(Settings settings, Services services)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(services))) {}
Engine::~Engine() = default;

void Engine::Configure(Settings settings) {
  const Impl::Batch batch(*impl_);
  impl_->settings = std::move(settings);
  std::vector<std::uint32_t> gone;
  for (const auto& [connection, sa] : impl_->sas)
    if (impl_->FindPeer(sa->peer) == nullptr) gone.push_back(connection);
  for (const std::uint32_t connection : gone) {
    Phase1Sa* old = impl_->Find(connection);
    if (old == nullptr) continue;
    if (old->ready()) impl_->SendDelete(*old);
    impl_->End(*old, "the peer is no longer configured");
  }
  std::erase_if(impl_->peers, [this](const auto& peer) { return impl_->FindPeer(peer.first.first) == nullptr; });
  for (const auto& [number, sa] : impl_->sas) {
    if (!sa->ready()) continue;
    const Time now = impl_->now();
    const auto at = [now](std::uint32_t seconds) {
      return seconds == 0 ? Time::Never() : now + std::chrono::seconds(seconds);
    };
    sa->keepalive_send = at(impl_->settings.keepalive_interval);
    sa->keepalive_watch = at(impl_->settings.keepalive_timeout);
    impl_->Rearm(*sa);
  }
}

void Engine::Receive(Endpoint local, Endpoint remote, ByteView bytes) {
  const Impl::Batch batch(*impl_);
  ++impl_->counters.in_packets;
  impl_->counters.in_octets += bytes.size();
  if (local.port == kNatPort) {
    if (bytes.size() < 4 || Load32(bytes.data()) != 0) return;  // a keepalive; ESP does not come here
    bytes = bytes.subspan(4);
  }
  impl_->Dispatch(local, remote, bytes);
}

Time Engine::deadline() const {
  return impl_->deadlines.empty() ? Time::Never() : impl_->deadlines.begin()->first;
}

void Engine::OnTimer() {
  const Impl::Batch batch(*impl_);
  const Time now = impl_->now();
  while (!impl_->deadlines.empty() && impl_->deadlines.begin()->first <= now) {
    const std::uint32_t connection = impl_->deadlines.begin()->second;
    impl_->deadlines.erase(impl_->deadlines.begin());
    if (Phase1Sa* sa = impl_->Find(connection); sa != nullptr) {
      sa->deadline = Time::Never();
      impl_->Tick(*sa);
    }
  }
}

void Engine::Acquire(const Wish& wish) {
  const Impl::Batch batch(*impl_);
  Impl& impl = *impl_;
  const PeerSettings* peer = impl.FindPeer(wish.peer);
  if (peer == nullptr) return impl.CannotBegin(wish, "the IKE peer is not configured");
  if (impl.Busy(wish)) return;
  Ipv4 remote = wish.remote;
  if (remote.empty() && peer->fixed()) remote = peer->remote_first;
  if (remote.empty())
    for (const auto& [key, state] : impl.peers)
      if (key.first == wish.peer && !state.ready.empty()) remote = key.second;
  if (remote.empty()) return impl.CannotBegin(wish, "the IKE peer has no single address to begin with");
  const PeerKey key{wish.peer, remote};
  if (Phase1Sa* sa = impl.Newest(key)) return impl.StartQuick(*sa, wish);
  if (Phase1Sa* sa = impl.Connecting(key)) return sa->waiting.push_back(wish);
  Ipv4 local = peer->local.empty() ? wish.local : peer->local;
  if (local.empty() && impl.services.source) local = impl.services.source(remote);
  if (local.empty()) return impl.CannotBegin(wish, "no address of ours to begin with");
  impl.Begin(*peer, {local, kPort}, {remote, kPort}, {wish});
}

void Engine::Withdraw(const std::string& peer, Ipv4 remote, SaProtocol protocol, std::uint32_t inbound_spi) {
  const Impl::Batch batch(*impl_);
  const PeerKey key{peer, remote};
  const bool ah = protocol == SaProtocol::kAh;
  if (const auto state = impl_->peers.find(key); state != impl_->peers.end())
    std::erase_if(state->second.children,
                  [&](const ChildRow& row) { return (ah ? row.own.ah : row.own.esp) == inbound_spi; });
  Phase1Sa* sa = impl_->Newest(key);
  if (sa == nullptr) return;
  Bytes spi(4);
  Store32(spi.data(), inbound_spi);
  ++impl_->counters.out_p2_deletes;
  impl_->SendInformational(*sa, PayloadType::kDelete, DeleteBody({ah ? Protocol::kAh : Protocol::kEsp, {spi}}));
}

void Engine::Heard(const std::string& peer, Ipv4 remote) {
  const Impl::Batch batch(*impl_);
  const PeerKey key{peer, remote};
  const auto state = impl_->peers.find(key);
  if (state == impl_->peers.end()) return;
  state->second.heard = impl_->now();
  if (Phase1Sa* sa = impl_->Newest(key); sa != nullptr && sa->dpd_due != Time::Never()) {
    sa->dpd_due = Time::Never();
    sa->dpd_failures = 0;
    impl_->Rearm(*sa);
  }
}

void Engine::Sending(const std::string& peer, Ipv4 remote) {
  const PeerKey key{peer, remote};
  const auto state = impl_->peers.find(key);
  const PeerSettings* settings = impl_->FindPeer(peer);
  if (state == impl_->peers.end() || settings == nullptr || !settings->dpd) return;
  if (impl_->now() - state->second.heard < std::chrono::seconds(settings->dpd->interval)) return;
  const Impl::Batch batch(*impl_);
  if (Phase1Sa* newest = impl_->Newest(key)) {
    if (newest->peer_dpd && newest->dpd_due == Time::Never()) impl_->Probe(*newest, *settings->dpd);
  } else if (impl_->Connecting(key) == nullptr && (settings->AtAddress(remote))) {
    // The ISAKMP SA is gone; a new one shows whether the other end lives.
    const Ipv4 local = state->second.local;
    if (impl_->Begin(*settings, {local, kPort}, {remote, kPort}, {}))
      if (Phase1Sa* sa = impl_->Connecting(key)) sa->probing = true;
  }
}

bool Engine::Reset(std::optional<std::uint32_t> connection) {
  const Impl::Batch batch(*impl_);
  std::vector<std::uint32_t> wanted;
  for (const auto& [number, sa] : impl_->sas)
    if (!connection || *connection == number) wanted.push_back(number);
  for (const std::uint32_t number : wanted) {
    Phase1Sa* sa = impl_->Find(number);
    if (sa == nullptr) continue;
    if (sa->ready()) impl_->SendDelete(*sa);
    impl_->End(*sa, "reset");
  }
  if (!connection || !wanted.empty()) return true;
  for (auto& [key, state] : impl_->peers) {
    const auto row = std::find_if(state.children.begin(), state.children.end(),
                                  [&](const ChildRow& r) { return r.connection == *connection; });
    if (row == state.children.end()) continue;
    const ChildRow child = *row;
    const PeerKey peer = key;
    if (child.own.esp != 0) Withdraw(peer.first, peer.second, SaProtocol::kEsp, child.own.esp);
    if (child.own.ah != 0) Withdraw(peer.first, peer.second, SaProtocol::kAh, child.own.ah);
    impl_->Later([this, peer, child] {
      if (child.theirs.esp != 0) impl_->services.owner.Deleted(peer.first, SaProtocol::kEsp, child.theirs.esp);
      if (child.theirs.ah != 0) impl_->services.owner.Deleted(peer.first, SaProtocol::kAh, child.theirs.ah);
    });
    return true;
  }
  return false;
}

std::vector<SaInfo> Engine::sas() const {
  std::vector<SaInfo> out;
  const Time now = impl_->now();
  for (const auto& [connection, sa] : impl_->sas) {
    SaInfo row;
    row.id = connection;
    row.peer = sa->peer;
    row.local = sa->local.address;
    row.remote = sa->remote;
    row.ready = sa->ready();
    row.stay_alive = sa->initiator();
    row.replaced = sa->replaced;
    row.fading = sa->fading;
    row.timeout = sa->timeout;
    row.aggressive = sa->aggressive;
    row.nat_local = sa->nat_local;
    row.nat_remote = sa->nat_remote;
    row.remote_id = sa->remote_id;
    row.proposal = sa->proposal;
    row.age = now - (sa->ready() ? sa->established : sa->created);
    row.left = sa->ready() ? sa->expires - now : Duration{0};
    out.push_back(std::move(row));
  }
  for (const auto& [key, state] : impl_->peers) {
    for (const ChildRow& child : state.children) {
      if (child.expires <= now) continue;
      SaInfo row;
      row.id = child.connection;
      row.peer = key.first;
      row.local = child.local;
      row.remote = {key.second, 0};
      row.phase = 2;
      row.ready = true;
      row.stay_alive = child.stay_alive;
      row.left = child.expires == Time::Never() ? Duration{0} : child.expires - now;
      out.push_back(std::move(row));
    }
  }
  std::sort(out.begin(), out.end(), [](const SaInfo& a, const SaInfo& b) { return a.id < b.id; });
  return out;
}

const Counters& Engine::counters() const {
  return impl_->counters;
}
std::size_t Engine::half_open() const {
  return impl_->half_open_count;
}

}  // namespace sw::ipsec::ike
