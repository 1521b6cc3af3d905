// GRE tunnels as configured: what two of them may not share, and the settings of a tunnel's engine.
#pragma once

#include "device/gre/gre_tunnel.h"
#include "device/interface/values.h"
#include "hal/base/result.h"

namespace sw::device {

// Two GRE tunnels may not have the same source and destination, whatever their keys (recollection of the family).
Status ValidateGre(const InterfacesConfig& interfaces, const InterfaceDelta& changed);

// Or in words why the tunnel does not run (yet): "no source is configured" ...
Result<GreSettings> GreSettingsOf(const InterfacesConfig& interfaces, const InterfaceConfig& tunnel);

}  // namespace sw::device
