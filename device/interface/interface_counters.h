// Where the packets of interfaces are counted from: `reset counters interface`. The platform's own counters are never
// touched, so what is shown is what they have grown by. A pure value. One thread.
#pragma once

#include <map>
#include <string>

#include "device/platform.h"

namespace sw::device {

class InterfaceCounters {
 public:
  void Reset(const InterfaceStatus& now) { from_[now.name] = now; }

  // What is shown of `status`. An interface whose counters went back has been made anew: it counts from 0.
  InterfaceStatus Since(InterfaceStatus status) const {
    const auto found = from_.find(status.name);
    if (found == from_.end()) return status;
    const InterfaceStatus& from = found->second;
    for (const auto counter : kCounters)
      if (status.*counter < from.*counter) return status;
    for (const auto counter : kCounters) status.*counter -= from.*counter;
    return status;
  }

 private:
  static constexpr std::uint64_t InterfaceStatus::*kCounters[] = {
      &InterfaceStatus::input_packets,  &InterfaceStatus::input_bytes,  &InterfaceStatus::input_errors,
      &InterfaceStatus::output_packets, &InterfaceStatus::output_bytes, &InterfaceStatus::output_errors};
  std::map<std::string, InterfaceStatus> from_;
};

}  // namespace sw::device
