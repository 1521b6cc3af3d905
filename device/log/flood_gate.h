// Holds back a source of records that says too much: a burst passes, then so many a second. What is left out is
// counted.
//
// A source is a kind, a module and a digest, which are words of the program: there are few. A value, one thread. The
// figures are our choice: a domain of a thousand that comes up at once is told whole, a loop of errors is not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "device/log/info_center.h"
#include "hal/base/clock.h"

namespace sw::device {

class FloodGate {
 public:
  static constexpr std::int64_t kBurst = 1000, kPerSecond = 100;
  static constexpr Duration kTellAfter = std::chrono::seconds(10);  // what was left out is told after so long

  enum class Verdict : std::uint8_t { kPass, kLeftOut, kFirstLeftOut };
  // `now`: any clock that does not go back. kFirstLeftOut: nothing was left out since the last TakeLeftOut.
  Verdict Take(InfoKind kind, std::string_view module, std::string_view digest, Duration now);

  struct LeftOut {
    InfoKind kind = InfoKind::kLog;
    std::string module, digest;
    std::uint64_t count = 0;
  };
  std::vector<LeftOut> TakeLeftOut();  // counts anew from here

 private:
  struct Source {
    std::int64_t room = kBurst;
    Duration filled{};  // when room was last added
    std::uint64_t left_out = 0;
  };
  std::map<std::tuple<InfoKind, std::string, std::string>, Source> sources_;
  bool leaves_out_ = false;
};

}  // namespace sw::device
