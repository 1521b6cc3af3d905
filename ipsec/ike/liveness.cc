#include "ipsec/ike/liveness.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ipsec/ike/informational.h"
#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {
namespace {

constexpr int kDpdFailures = 3;  // guide page 147

Time After(Time now, std::uint32_t seconds) {
  return seconds == 0 ? Time::Never() : now + std::chrono::seconds(seconds);
}

}  // namespace

void Liveness::Start() {
  const Time now = shared_.now();
  if (shared_.settings.keepalive_interval != 0) keepalive_send_ = After(now, shared_.settings.keepalive_interval);
  if (sa_.nat_local) nat_keepalive_ = now + std::chrono::seconds(shared_.settings.nat_keepalive_interval);
}

void Liveness::Configure() {
  keepalive_send_ = After(shared_.now(), shared_.settings.keepalive_interval);
  keepalive_watch_ = After(shared_.now(), shared_.settings.keepalive_timeout);
}

void Liveness::Heard() {
  dpd_due_ = Time::Never();
  dpd_failures_ = 0;
}

void Liveness::Alive() {
  Heard();
  sa_.confirmed = true;
  timeout_ = false;
  keepalive_watch_ = After(shared_.now(), shared_.settings.keepalive_timeout);
  if (PeerState* peer = shared_.sas.FindPeer({sa_.peer, sa_.remote.address})) peer->heard = shared_.now();
  shared_.sas.Rearm(sa_);
}

void Liveness::AskDpd() {
  // RFC 3706 section 7: starts at random, top bit clear, and counts up.
  if (dpd_sequence_ == 0) dpd_sequence_ = shared_.services.random.U32() & 0x7fffffff;
  Bytes sequence(4);
  Store32(sequence.data(), ++dpd_sequence_);
  sa_.informational->SendNotify(Notification::kDpdRequest, Protocol::kIsakmp, CookieBytes(sa_.cookies),
                                std::move(sequence));
}

void Liveness::Probe(const DpdSettings& dpd) {
  dpd_due_ = shared_.now() + std::chrono::seconds(dpd.timeout);
  shared_.report.Tell(IkeTopic::kMisc, sa_, "DPD asks whether the other end is there");
  AskDpd();
  shared_.sas.Rearm(sa_);
}

bool Liveness::Tick() {
  const Time now = shared_.now();
  const bool newest = shared_.sas.Newest({sa_.peer, sa_.remote.address}) == &sa_;
  if (!TickDpd(now) || !TickKeepalive(now, newest)) return false;
  if (nat_keepalive_ <= now) {
    if (newest) shared_.services.send(sa_.local, sa_.remote, Bytes{0xff});
    nat_keepalive_ = now + std::chrono::seconds(shared_.settings.nat_keepalive_interval);
  }
  return true;
}

bool Liveness::TickDpd(Time now) {
  if (dpd_due_ > now) return true;
  dpd_due_ = Time::Never();
  const PeerSettings* peer = shared_.FindPeer(sa_.peer);
  if (++dpd_failures_ >= kDpdFailures) {
    shared_.orders.LosePeer({sa_.peer, sa_.remote.address}, sa_.local.address, "it does not answer DPD");
    return false;
  }
  if (peer != nullptr && peer->dpd) Probe(*peer->dpd);
  return true;
}

bool Liveness::TickKeepalive(Time now, bool newest) {
  if (keepalive_watch_ <= now) {
    if (timeout_) {
      if (newest) {
        shared_.orders.LosePeer({sa_.peer, sa_.remote.address}, sa_.local.address, "no keepalive");
      } else {
        shared_.orders.End(sa_, "no keepalive");
      }
      return false;
    }
    timeout_ = true;
    keepalive_watch_ = now + std::chrono::seconds(shared_.settings.keepalive_timeout);
  }
  if (keepalive_send_ <= now) {
    // What the guide's device sends is not public; ours is the question of DPD, which every end that has DPD answers.
    AskDpd();
    keepalive_send_ = After(now, shared_.settings.keepalive_interval);
  }
  return true;
}

Time Liveness::deadline() const {
  return std::min({dpd_due_, keepalive_send_, keepalive_watch_, nat_keepalive_});
}

}  // namespace sw::ipsec::ike
