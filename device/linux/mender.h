// Whether what somebody else took away from the kernel is put back again: a few times, then no more for a while, so
// that two programs that want different things do not fight for ever. Says so once, and aloud when it gives up.
//
// A value; one thread. Figures are our choice.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "hal/base/clock.h"

namespace sw::device {

class Mender {
 public:
  static constexpr int kTries = 5;  // within kWindow
  static constexpr Duration kWindow = std::chrono::minutes(1), kRest = std::chrono::minutes(10);
  struct Hooks {
    std::function<void(const std::string& text, bool gives_up)> say;
    std::function<void(Time when)> look_again;  // at that time it may be tried anew
  };
  explicit Mender(Hooks hooks) : hooks_(std::move(hooks)) {}

  // `what` is gone, in words: "address 10.0.0.1/24 of eth0". True: put it back now.
  bool May(const std::string& what, Time now);
  // It was given up and is left alone for now, where only putting it back tells whether it is gone.
  bool Rests(const std::string& what, Time now) const;

 private:
  struct Case {
    int tries = 0;
    Time since{};  // of the first try, or of the giving up
    bool given_up = false;
    bool Over(Time now) const { return now - since >= (given_up ? kRest : kWindow); }
  };
  Hooks hooks_;
  std::map<std::string, Case> cases_;
};

}  // namespace sw::device
