// What a session carried, and when: packets that the engine passed and those that workers passed by themselves. And by
// the latter whether the peer lives: keepalives, and how long silence is borne. Where death is looked for on demand, a
// peer that is sent to and is silent is asked at once, not when the next keepalive is due.
#pragma once

#include <algorithm>

#include "dvpn/constants.h"
#include "dvpn/generation.h"
#include "dvpn/models.h"

namespace sw::dvpn {

class SessionTraffic {
 public:
  SessionTraffic(Time now, Duration keepalive, bool on_demand)
      : keepalive_(keepalive), on_demand_(on_demand), last_received_(now), last_sent_(now), last_data_(now) {}

  bool Sent(Time now, std::size_t bytes) {  // true: look() is sooner than it was
    ++sent_packets_;
    sent_bytes_ += bytes;
    last_sent_ = last_data_ = now;
    return Expect(now);
  }
  void Received(std::size_t bytes) {
    ++received_packets_;
    received_bytes_ += bytes;
  }
  void Data(Time now) { last_data_ = now; }
  void Heard(Time now) {  // the peer, beyond doubt
    last_received_ = now;
    unanswered_ = asked_on_demand_ = 0;
    unheard_since_ = Time::Never();
  }
  void Begin(Time now) {  // new keys
    Heard(now);
    last_sent_ = now;
    if (on_demand_) look_ = now + kDemandLook;
  }
  void Asked(Time now) {
    ++unanswered_;
    last_keepalive_ = last_sent_ = now;
  }
  // Takes what workers passed by `g` into account, as if it had been told packet by packet. `proves`: what came by it
  // is a sign of life.
  void Absorb(Generation& g, bool proves);

  // Quiet in either direction asks for a keepalive: the peer judges our life by what it hears, we by what we hear.
  // Only the active end asks; the passive one waits.
  Time KeepaliveDue(bool active) const;
  bool Dead() const;  // the active end asked long enough

  enum class Sign : std::uint8_t { kFine, kAsk, kDead };
  Sign Look(Time now);  // at look(), on demand
  Time look() const { return look_; }

  template <typename State>
  void Fields(State& state) {
    state(last_received_, last_sent_, last_data_, last_keepalive_, unheard_since_, look_, unanswered_,
          asked_on_demand_);
    state(by_workers_, sent_packets_, sent_bytes_, received_packets_, received_bytes_);
  }

  Time last_data() const { return last_data_; }
  void Describe(SessionInfo& out) const {
    out.sent_packets = sent_packets_;
    out.sent_bytes = sent_bytes_;
    out.received_packets = received_packets_;
    out.received_bytes = received_bytes_;
  }

 private:
  bool Expect(Time since);

  const Duration keepalive_;
  const bool on_demand_;
  Time last_received_, last_sent_, last_data_, last_keepalive_;
  Time unheard_since_ = Time::Never(), look_ = Time::Never();
  int unanswered_ = 0, asked_on_demand_ = 0;
  bool by_workers_ = false;
  std::uint64_t sent_packets_ = 0, sent_bytes_ = 0, received_packets_ = 0, received_bytes_ = 0;
};

}  // namespace sw::dvpn
