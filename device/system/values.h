// What concerns the device as a whole as configured: its name, its clock and its information centre.
#pragma once

#include <optional>
#include <string>

#include "device/clock/device_clock.h"
#include "device/config/rows.h"
#include "device/log/info_center.h"
#include "hal/base/result.h"

namespace sw::device {

inline constexpr const char* kDefaultSysname = "SecBlade_VPN";  // as in the guide's examples (pages 386, 418)
inline constexpr std::size_t kMaxLogHosts = 4;                  // recollection

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
void TakeInfoCenter(const configdb::Key&, Rows rows, SystemConfig& config, SystemDelta& delta);
void TakeInfoChannels(const configdb::Key&, Rows all, SystemConfig& config, SystemDelta& delta);
void TakeInfoLogHosts(const configdb::Key&, Rows all, SystemConfig& config, SystemDelta& delta);
void TakeInfoSources(const configdb::Key&, Rows all, SystemConfig& config, SystemDelta& delta);

// The information centre of a store, for who has no device. kStorage.
Result<InfoSettings> LoadInfoCenter(const configdb::Store& store);

// Refuses a summer time that ends before it begins, more log hosts than there may be, and two channels of one name.
Status ValidateSystem(const SystemConfig& config, const SystemDelta& delta);

}  // namespace sw::device
