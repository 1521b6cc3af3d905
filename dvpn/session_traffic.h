// What a session carried, and when: packets that the engine passed and those that workers passed by themselves. And by
// the latter whether the peer lives: keepalives, and how long silence is borne.
#pragma once

#include <algorithm>

#include "dvpn/constants.h"
#include "dvpn/generation.h"
#include "dvpn/models.h"

namespace sw::dvpn {

class SessionTraffic {
 public:
  SessionTraffic(Time now, Duration keepalive)
      : keepalive_(keepalive), last_received_(now), last_sent_(now), last_data_(now) {}

  void Sent(Time now, std::size_t bytes) {
    ++sent_packets_;
    sent_bytes_ += bytes;
    last_sent_ = last_data_ = now;
  }
  void Received(std::size_t bytes) {
    ++received_packets_;
    received_bytes_ += bytes;
  }
  void Data(Time now) { last_data_ = now; }
  void Heard(Time now) {  // the peer, beyond doubt
    last_received_ = now;
    unanswered_ = 0;
  }
  void Begin(Time now) {  // new keys
    Heard(now);
    last_sent_ = now;
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

  Time last_data() const { return last_data_; }
  void Describe(SessionInfo& out) const {
    out.sent_packets = sent_packets_;
    out.sent_bytes = sent_bytes_;
    out.received_packets = received_packets_;
    out.received_bytes = received_bytes_;
  }

 private:
  const Duration keepalive_;
  Time last_received_, last_sent_, last_data_, last_keepalive_;
  int unanswered_ = 0;
  std::uint64_t sent_packets_ = 0, sent_bytes_ = 0, received_packets_ = 0, received_bytes_ = 0;
};

}  // namespace sw::dvpn
