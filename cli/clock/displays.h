// The device's clock as text. Layout: captures of Comware 5 devices; public parsers look for the first line.
#pragma once

#include <cstdint>
#include <string>

#include "device/clock/device_clock.h"

namespace sw::cli {

std::string ClockText(const device::DeviceClock& clock, std::int64_t machine);  // the machine's time, UTC
// A reboot that is to come.
struct RebootView {
  std::int64_t at = 0;  // local time
  std::string zone;
  std::int64_t minutes = 0;  // until then
};
std::string RebootText(const RebootView& view);  // "23:00:00 UTC 2002/11/1 (in 1 hours and 28 minutes)"
std::string DateTimeText(std::int64_t local);    // "Apr 26 2000 12:00:00"

}  // namespace sw::cli
