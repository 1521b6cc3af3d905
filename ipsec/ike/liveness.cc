// Whether the other end is there: DPD on demand (RFC 3706, guide pages 146-147), keepalives and their timeout (guide
// page 418), NAT keepalives (RFC 3948 section 4), and the successor of an SA that grows old.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {
namespace {

Duration Seconds(std::uint64_t n) {
  return std::chrono::seconds(n);
}

}  // namespace

void Engine::Impl::StartTimers(Phase1Sa& sa) {
  const Duration life = Seconds(sa.proposal.seconds);
  // Our choice: the initiator renews at 80 to 85 percent. Two ends that renew at once can take each other's SAs for
  // stale, so the responder leaves it to the initiator, and leaves it time: its own clock may be the faster one.
  if (sa.initiator()) {
    sa.expires = now() + life;
    sa.soft = now() + life / 100 * (80 + services.random.U32() % 6);
  } else {
    sa.expires = now() + life + kResponderPatience;
  }
  if (settings.keepalive_interval != 0) sa.keepalive_send = now() + Seconds(settings.keepalive_interval);
  if (sa.nat_local) sa.nat_keepalive = now() + Seconds(settings.nat_keepalive_interval);
}

void Engine::Impl::Alive(Phase1Sa& sa) {
  sa.heard = now();
  sa.confirmed = true;
  sa.timeout = false;
  sa.dpd_failures = 0;
  sa.dpd_due = Time::Never();
  sa.keepalive_watch = settings.keepalive_timeout == 0 ? Time::Never() : now() + Seconds(settings.keepalive_timeout);
  if (const auto peer = peers.find({sa.peer, sa.remote.address}); peer != peers.end()) peer->second.heard = now();
  Rearm(sa);
}

void Engine::Impl::AskDpd(Phase1Sa& sa) {
  // RFC 3706 section 7: starts at random, top bit clear, and counts up.
  if (sa.dpd_sequence == 0) sa.dpd_sequence = services.random.U32() & 0x7fffffff;
  Bytes sequence(4);
  Store32(sequence.data(), ++sa.dpd_sequence);
  SendNotify(sa, Notification::kDpdRequest, Protocol::kIsakmp, CookieBytes(sa.inputs.cookies), std::move(sequence));
}

void Engine::Impl::Probe(Phase1Sa& sa, const DpdSettings& dpd) {
  sa.dpd_due = now() + Seconds(dpd.timeout);
  Tell(Topic::kMisc, sa, "DPD asks whether the other end is there");
  AskDpd(sa);
  Rearm(sa);
}

bool Engine::Impl::LivenessTick(Phase1Sa& sa) {
  const Time t = now();
  const PeerKey key{sa.peer, sa.remote.address};
  const bool newest = Newest(key) == &sa;
  if (sa.dpd_due <= t) {
    sa.dpd_due = Time::Never();
    const PeerSettings* peer = FindPeer(sa.peer);
    if (++sa.dpd_failures >= kDpdFailures) {
      LosePeer(key, sa.local.address, "it does not answer DPD");
      return false;
    }
    if (peer != nullptr && peer->dpd) Probe(sa, *peer->dpd);
  }
  if (sa.keepalive_watch <= t) {
    if (sa.timeout) {
      if (newest) {
        LosePeer(key, sa.local.address, "no keepalive");
      } else {
        End(sa, "no keepalive");
      }
      return false;
    }
    sa.timeout = true;
    sa.keepalive_watch = t + Seconds(settings.keepalive_timeout);
  }
  if (sa.keepalive_send <= t) {
    // What the guide's device sends is not public; ours is the question of DPD, which every end that has DPD answers.
    AskDpd(sa);
    sa.keepalive_send = settings.keepalive_interval == 0 ? Time::Never() : t + Seconds(settings.keepalive_interval);
  }
  if (sa.nat_keepalive <= t) {
    if (newest) services.send(sa.local, sa.remote, Bytes{0xff});
    sa.nat_keepalive = t + Seconds(settings.nat_keepalive_interval);
  }
  return true;
}

void Engine::Impl::LosePeer(const PeerKey& peer_key, Ipv4 local, const std::string& why) {
  const PeerKey key = peer_key;  // may be of what goes
  std::vector<std::uint32_t> gone;
  if (const auto peer = peers.find(key); peer != peers.end()) gone = peer->second.ready;
  peers.erase(key);
  for (const std::uint32_t connection : gone)
    if (Phase1Sa* sa = Find(connection); sa != nullptr && sa->ready()) End(*sa, why);
  Tell(Topic::kError, local, key.second, key.first, fmt::format("peer {} is lost: {}", key.second.ToString(), why),
       What::kPeerLost);
  Later([this, key] { services.owner.PeerLost(key.first, key.second); });
}

void Engine::Impl::Rekey(Phase1Sa& sa) {
  const PeerKey key{sa.peer, sa.remote.address};
  const PeerSettings* peer = FindPeer(sa.peer);
  if (sa.replaced || peer == nullptr || Newest(key) != &sa || Connecting(key) != nullptr) return;
  // What has floated stays on port 4500, in the NAT's mapping (RFC 3947 section 4).
  const bool floated = sa.local.port == kNatPort;
  if (floated) {
    Begin(*peer, sa.local, sa.remote, {});
  } else {
    Begin(*peer, {sa.local.address, kPort}, {sa.remote.address, kPort}, {});
  }
}

}  // namespace sw::ipsec::ike
