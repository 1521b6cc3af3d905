// What this machine's memory and processor give the device: the process's own use. Any thread; Linux.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/base/clock.h"

namespace sw::device {

struct MemoryUse {
  std::uint64_t total = 0, available = 0;  // bytes, of the machine; 0: not known
  std::uint64_t own = 0;                   // bytes resident
};
MemoryUse ReadMemoryUse();

struct Temperature {
  std::string sensor;
  double celsius = 0;
};
// Of this machine's sensors as the kernel knows them (thermal/thermal_zone*, hwmon/hwmon*); empty: it has none. `root`
// stands for /sys/class.
std::vector<Temperature> ReadTemperatures(const std::string& root = "/sys/class");

Duration ProcessorTime();  // used so far, by all threads

}  // namespace sw::device
