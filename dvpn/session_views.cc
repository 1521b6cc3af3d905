// What a session shows of itself.
#include <algorithm>

#include "dvpn/session.h"

namespace sw::dvpn {

SessionInfo Session::info() const {
  SessionInfo out;
  context_.Describe(out);
  keys_.Describe(out);
  out.peer_public = peer();
  out.initiator = proven() ? keys_.active() : exchange_.active();
  out.proven = proven();
  out.built = built_;
  out.state = exchange_.state();
  out.path_mtu = path_.mtu();
  out.requests = exchange_.sends();
  out.trail = trail();
  traffic_.Describe(out);
  return out;
}

// Every timer that runs, with the name it is shown by; of two at one time the first is shown.
Session::Timers Session::RunningTimers() const {
  if (phase_ == Phase::kGone) return {};
  if (phase_ == Phase::kClosing) return {{{release_.deadline(), "release"}}};
  if (!proven()) return {{{exchange_.deadline(), exchange_.waits_for()}}};
  return {{{exchange_.deadline(), exchange_.waits_for()},
           {KeepaliveDue(), keys_.active() ? "keepalive interval" : "wait for a sign of life"},
           {exchange_.running() ? Time::Never() : keys_.rekey_at(), "renegotiation"},
           {IdleDue(), "idle time"},
           {keys_.current()->expires, "SA duration"},
           {std::min({keys_.deadline(), path_.deadline(), traffic_.look()}), "housekeeping"}}};
}

Time Session::Deadline() const {
  return std::ranges::min(RunningTimers(), {}, &Timer::at).at;
}

Trail Session::trail() const {
  const Timers timers = RunningTimers();
  const Timer& next = *std::ranges::min_element(timers, {}, &Timer::at);
  Trail out = context_.trail;
  out.timer_at = next.at;
  out.timer = next.name;
  return out;
}

}  // namespace sw::dvpn
