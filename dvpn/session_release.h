// The end of a session that its peer is told of: RELEASE until it is acknowledged or was sent often enough; or, after
// the peer's, the time in which packets that it overtook still arrive.
#pragma once

#include "dvpn/constants.h"
#include "dvpn/session_context.h"

namespace sw::dvpn {

class SessionRelease {
 public:
  explicit SessionRelease(SessionContext& context) : context_(context) {}

  template <typename State>
  void Fields(State& state) {
    state(sends_, next_);
  }
  Time deadline() const { return next_; }
  void Send(ControlChannel& channel, Endpoint peer) {
    ++sends_;
    next_ = context_.now() + kReleaseInterval;
    context_.Transmit(peer, context_.Seal(channel, wire::Type::kRelease, wire::Encode(wire::Release{})));
  }
  void Acknowledge(ControlChannel& channel, Endpoint peer) {
    context_.Transmit(peer, context_.Seal(channel, wire::Type::kReleaseAck, {}));
  }
  void Linger() {
    sends_ = kReleaseSends;
    next_ = context_.now() + kReleaseInterval * kReleaseSends;
  }
  // Sends again when it is time; true: long enough, the session is gone.
  bool OnTimer(ControlChannel& channel, Endpoint peer) {
    if (context_.now() < next_) return false;
    if (sends_ >= kReleaseSends) return true;
    Send(channel, peer);
    return false;
  }

 private:
  SessionContext& context_;
  int sends_ = 0;
  Time next_;
};

}  // namespace sw::dvpn
