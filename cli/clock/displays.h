// The device's clock, and a reboot that is to come. Layout of the clock: captures of Comware 5 devices; public parsers
// look for the first line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/display/field.h"
#include "device/clock/device_clock.h"

namespace sw::cli {

struct ClockView {
  const device::DeviceClock& clock;
  std::int64_t machine;  // its time, UTC
};
extern const DisplayOf<ClockView> kClockDisplay;

// A reboot that is to come.
struct RebootView {
  std::int64_t at = 0;  // local time
  std::string zone;
  std::int64_t minutes = 0;  // until then
};
extern const DisplayOf<std::optional<RebootView>> kRebootDisplay;
std::string RebootText(const RebootView& view);  // "23:00:00 UTC 2002/11/1 (in 1 hours and 28 minutes)"
std::string DateTimeText(std::int64_t local);    // "Apr 26 2000 12:00:00"
std::string IsoText(std::int64_t seconds);       // "2000-04-26T12:00:00"

}  // namespace sw::cli
