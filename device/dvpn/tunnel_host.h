// A tunnel interface of the platform with the DVPN engine on it, while one runs.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "device/dvpn/host.h"
#include "device/platform.h"
#include "hal/shared_device.h"

namespace sw::device {

struct TunnelHost {
  std::unique_ptr<TunnelPort> port;
  std::optional<dvpn::TunnelSettings> settings;      // of the engine that runs
  std::unique_ptr<hal::SharedDevice::Queue> crypto;  // the engine's
  std::unique_ptr<DvpnHost> engine;
  std::string why_down;
};
using TunnelHosts = std::map<std::string, TunnelHost>;  // by interface

}  // namespace sw::device
