// Who is logged in, and the accounting stops that nobody has answered: inside of Aaa, for its parts only.
#pragma once

#include <functional>
#include <string>

#include "device/aaa/aaa.h"

namespace sw::device {

struct Aaa::Live {
  Connection shown;
  std::string tunnel, session_class;
  bool optional = false;
  int unanswered = 0;  // interims
  Scheduler::TimerId timer = 0;
  std::function<void()> cut;
  bool ending = false;

  template <typename State>
  void Fields(State& state) {
    Connection& c = shown;
    state(c.index, c.user, c.domain, c.checked_by, c.accounting, c.session_id, c.from, c.address, c.since);
    state(c.sent_packets, c.sent_bytes, c.received_packets, c.received_bytes, tunnel, session_class, optional,
          unanswered);
  }
};

struct Aaa::Buffered {
  BufferedStop stop;
  Scheduler::TimerId timer = 0;
};

}  // namespace sw::device
