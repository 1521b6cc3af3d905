// Interfaces on the platform: made, set and removed as configured.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "device/interface/values.h"
#include "device/log/monitor.h"
#include "device/platform.h"

namespace sw::device {

// Whoever carries the packets of tunnel interfaces.
class TunnelInterfaces {
 public:
  virtual Status Open(const InterfaceConfig& interface) = 0;  // the interface; what carries it follows later
  virtual bool Close(const std::string& name) = 0;            // with what carries it; false: there is none of that name
  // What the platform is to be told of a tunnel interface, beside what is configured.
  virtual int MtuOf(const InterfaceConfig& interface) const = 0;
  virtual bool Up(const InterfaceConfig& interface) const = 0;

 protected:
  ~TunnelInterfaces() = default;
};

class AppliedInterfaces {
 public:
  // All outlive this.
  AppliedInterfaces(Platform& platform, TunnelInterfaces& tunnels, Monitor& monitor)
      : platform_(platform), tunnels_(tunnels), monitor_(monitor) {}

  // Of these interfaces alone. True: something was set or removed. What the platform refuses ends the work; doing it
  // again with the old configuration takes the rest back.
  Result<bool> Apply(const InterfacesConfig& wanted, const std::set<std::string>& names);
  // Tunnels whose engine knows better by now: another MTU, a line that goes or comes.
  void FollowTunnels(const InterfacesConfig& wanted);
  void FollowPorts();  // ports that are bound by now, or not any more

 private:
  Result<bool> Apply(const std::string& name, const InterfaceConfig* wanted);
  Status Remove(const std::string& name);
  Status Set(const InterfaceConfig& interface);
  InterfaceSettings SettingsOf(const InterfaceConfig& config) const;

  Platform& platform_;
  TunnelInterfaces& tunnels_;
  Monitor& monitor_;
  std::map<std::string, InterfaceConfig> applied_;
  std::set<std::string> absent_;                      // the platform does not have them
  std::map<std::string, std::pair<int, bool>> told_;  // of tunnels: MTU and whether it is up
};

}  // namespace sw::device
