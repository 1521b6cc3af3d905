// What this machine's memory and processor give the device: the process's own use. Any thread; Linux.
#pragma once

#include <cstdint>

#include "hal/base/clock.h"

namespace sw::device {

struct MemoryUse {
  std::uint64_t total = 0, available = 0;  // bytes, of the machine; 0: not known
  std::uint64_t own = 0;                   // bytes resident
};
MemoryUse ReadMemoryUse();

Duration ProcessorTime();  // used so far, by all threads

}  // namespace sw::device
