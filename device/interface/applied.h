// Interfaces on the platform: made, set and removed as configured.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "device/dvpn/tunnels.h"
#include "device/interface/values.h"
#include "device/log/monitor.h"
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
  // Tunnels whose engine knows better by now: another MTU, a line that goes or comes. True: something was set.
  bool FollowTunnels(const InterfacesConfig& wanted);

 private:
  Status Remove(const InterfaceConfig& interface);
  Status Set(const InterfaceConfig& interface);
  InterfaceSettings SettingsOf(const InterfaceConfig& config) const;

  Platform& platform_;
  AppliedTunnels& tunnels_;
  Monitor& monitor_;
  std::map<std::string, InterfaceConfig> applied_;
  std::map<std::string, std::pair<int, bool>> told_;  // of tunnels: MTU and whether it is up
};

}  // namespace sw::device
