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
};

struct Aaa::Buffered {
  BufferedStop stop;
  Scheduler::TimerId timer = 0;
};

}  // namespace sw::device
