// The device's clock as text. Layout: captures of Comware 5 devices; public parsers look for the first line.
#pragma once

#include <cstdint>
#include <string>

#include "device/device_clock.h"

namespace sw::cli {

std::string ClockText(const device::DeviceClock& clock, std::int64_t machine);  // the machine's time, UTC
std::string DateTimeText(std::int64_t local);                                   // "Apr 26 2000 12:00:00"

}  // namespace sw::cli
