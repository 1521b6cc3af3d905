// What concerns the device as a whole: its clock and its information centre as configured, and how it treats files.
#pragma once

#include <optional>

#include "config-db/store.h"
#include "device/clock/device_clock.h"
#include "device/log/info_center.h"
#include "hal/base/result.h"

namespace sw::device {

struct ClockConfig {
  std::optional<TimeZone> zone;
  std::optional<SummerTime> summer;
};

inline constexpr std::size_t kMaxLogHosts = 4;  // recollection

Result<ClockConfig> LoadClock(const configdb::Store& store);
Result<InfoSettings> LoadInfoCenter(const configdb::Store& store);

// Refuses a summer time that ends before it begins.
Status ValidateClock(const ClockConfig& clock);
// Refuses more log hosts than there may be, and two channels of one name.
Status ValidateInfoCenter(const InfoSettings& settings);

}  // namespace sw::device
