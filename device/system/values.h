// What concerns the device as a whole as configured: its name, its clock and its information centre.
#pragma once

#include <optional>
#include <string>

#include "device/clock/device_clock.h"
#include "device/config/rows.h"
#include "device/log/values.h"
#include "hal/base/result.h"

namespace sw::device {

inline constexpr const char* kDefaultSysname = "SecBlade_VPN";  // as in the guide's examples (pages 386, 418)

struct ClockConfig {
  std::optional<TimeZone> zone;
  std::optional<SummerTime> summer;
};

struct SystemConfig {
  std::string sysname = kDefaultSysname;
  ClockConfig clock;
  InfoSettings info_center;
};

struct SystemDelta {
  bool sysname = false, clock = false, info_center = false;
};

void TakeSystem(const configdb::Key&, Rows rows, SystemConfig& config, SystemDelta& delta);
void TakeClock(const configdb::Key&, Rows rows, SystemConfig& config, SystemDelta& delta);

// Refuses a summer time that ends before it begins, and what the information centre refuses.
Status ValidateSystem(const SystemConfig& config, const SystemDelta& delta);

}  // namespace sw::device
