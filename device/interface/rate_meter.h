// What passed in the last five minutes, per second: slots of ten seconds each. A pure value. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hal/base/clock.h"

namespace sw::device {

class RateMeter {
 public:
  static constexpr std::int64_t kSlotSeconds = 10, kSlots = 30;

  struct Rate {
    std::uint64_t bytes = 0, packets = 0;  // per second, rounded down
  };

  void Count(Time now, std::uint64_t bytes) {
    const std::int64_t index = Index(now);
    Slot& slot = slots_[static_cast<std::size_t>(index % kSlots)];
    if (slot.index != index) slot = {index, {}};
    slot.sum.bytes += bytes;
    ++slot.sum.packets;
  }

  Rate At(Time now) const {
    Rate sum;
    for (const Slot& slot : slots_) {
      if (slot.index + kSlots <= Index(now)) continue;
      sum.bytes += slot.sum.bytes;
      sum.packets += slot.sum.packets;
    }
    return {sum.bytes / (kSlotSeconds * kSlots), sum.packets / (kSlotSeconds * kSlots)};
  }

 private:
  struct Slot {
    std::int64_t index = 0;
    Rate sum;
  };
  static std::int64_t Index(Time now) { return now.since / std::chrono::seconds(kSlotSeconds); }
  std::array<Slot, kSlots> slots_;
};

}  // namespace sw::device
