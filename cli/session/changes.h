// How a session changes the configuration: one change after the other, on the device or in a store without one, and
// several lines as one change.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "config-db/store.h"
#include "device/config/config.h"
#include "hal/base/result.h"

namespace sw::device {
class Device;
}

namespace sw::cli {

class Changes {
 public:
  // Both outlive it; `device` null: offline, where what is typed is validated and goes into the store.
  Changes(device::Device* device, configdb::Store& store);

  // True: something is different now. When it fails, nothing is.
  Result<bool> Configure(configdb::Origin origin, const std::function<Status(configdb::Edit&)>& change);

  Status Begin(configdb::Origin origin);  // the changes that follow are one; kBusy: one is open
  void Refuse() { refused_ = true; }      // a line of it: it cannot be kept
  bool open() const { return batch_.has_value(); }
  Result<bool> Commit();  // true: something is different now
  void Rollback();

  // The configuration as it stands, offline and in a change of several lines; elsewhere the device has it: null.
  const device::Config* candidate() const { return candidate_ ? &*candidate_ : nullptr; }
  std::string sysname() const;
  // Offline: the rows that have changed since the last call.
  configdb::ChangedRows TakeChangedRows() { return std::exchange(changed_rows_, {}); }

 private:
  // Brings the candidate up to what has changed, and validates that.
  Status UpdateCandidate(const configdb::ChangedRows& changed);

  device::Device* device_;
  configdb::Store& store_;
  std::optional<configdb::Edit> batch_;
  configdb::ChangedRows changed_rows_;
  std::optional<device::Config> candidate_;
  bool refused_ = false;
};

}  // namespace sw::cli
