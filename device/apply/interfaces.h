// Interfaces on the platform: made, set and removed as configured.
#pragma once

#include <map>
#include <string>

#include "device/apply/tunnels.h"
#include "device/config/interface.h"
#include "device/monitor.h"
#include "device/platform.h"

namespace sw::device {

class AppliedInterfaces {
 public:
  // All outlive this.
  AppliedInterfaces(Platform& platform, AppliedTunnels& tunnels, Monitor& monitor)
      : platform_(platform), tunnels_(tunnels), monitor_(monitor) {}

  // True: something was set or removed. What the platform refuses ends the work; doing it again with the old
  // configuration takes the rest back.
  Result<bool> Apply(const InterfacesConfig& wanted);

 private:
  Status Remove(const InterfaceConfig& interface);
  Status Set(const InterfaceConfig& interface);

  Platform& platform_;
  AppliedTunnels& tunnels_;
  Monitor& monitor_;
  std::map<std::string, InterfaceConfig> applied_;
};

}  // namespace sw::device
