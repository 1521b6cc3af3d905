#include "dvpn/session_traffic.h"

namespace sw::dvpn {
namespace {

// A keepalive that is not answered is sent again within its interval, so that on a path that loses one datagram in ten
// a session does not die of it (our choice).
constexpr int kKeepaliveSends = 3;
constexpr seconds kKeepaliveRepeat{1};

}  // namespace

void SessionTraffic::Absorb(Generation& g, bool proves) {
  if (!g.in_shared) return;
  const ipsec::SharedSa::Passed in = g.in_shared->passed(), out = g.out_shared->passed();
  if (out.packets != g.out_seen.packets) {
    sent_packets_ += out.packets - g.out_seen.packets;
    sent_bytes_ += out.bytes - g.out_seen.bytes;
    last_sent_ = std::max(last_sent_, out.last);
    last_data_ = std::max(last_data_, out.last);
    by_workers_ = true;
    Expect(out.last);
  }
  if (in.packets != g.in_seen.packets) {
    received_packets_ += in.packets - g.in_seen.packets;
    received_bytes_ += in.bytes - g.in_seen.bytes;
    last_data_ = std::max(last_data_, in.last);
    if (proves && in.last > last_received_) Heard(in.last);
  }
  g.in_seen = in;
  g.out_seen = out;
}

bool SessionTraffic::Expect(Time since) {
  if (!on_demand_) return false;
  unheard_since_ = std::min(unheard_since_, since);
  if (look_ != Time::Never()) return false;
  look_ = since + kDemandLook;
  return true;
}

SessionTraffic::Sign SessionTraffic::Look(Time now) {
  if (now < look_) return Sign::kFine;
  if (unheard_since_ == Time::Never() || now < unheard_since_ + kDemandSilence) {
    look_ = by_workers_ || now < last_data_ + kDemandSilence ? now + kDemandLook : Time::Never();
    return Sign::kFine;
  }
  if (asked_on_demand_ >= kDemandAsks) return Sign::kDead;
  ++asked_on_demand_;
  look_ = now + kDemandRepeat;
  return Sign::kAsk;
}

Time SessionTraffic::KeepaliveDue(bool active) const {
  if (!active) return last_received_ + keepalive_ * (kKeepaliveMisses + 1);
  if (unanswered_ == 0) return std::min(last_received_, last_sent_) + keepalive_;
  const bool again = unanswered_ % kKeepaliveSends != 0;
  return last_keepalive_ + (again ? Duration(kKeepaliveRepeat) : keepalive_ - kKeepaliveRepeat * (kKeepaliveSends - 1));
}

bool SessionTraffic::Dead() const {
  return unanswered_ >= kKeepaliveMisses * kKeepaliveSends;
}

}  // namespace sw::dvpn
