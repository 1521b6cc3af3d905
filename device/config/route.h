// Static routes as configured.
#pragma once

#include <vector>

#include "config-db/store.h"
#include "device/config/interface.h"
#include "device/platform.h"
#include "hal/base/result.h"

namespace sw::device {

Result<std::vector<StaticRoute>> LoadRoutes(const configdb::Store& store);
// Refuses bits beyond a mask, and a next hop that is this device's own address.
Status ValidateRoutes(const std::vector<StaticRoute>& routes, const InterfacesConfig& interfaces);

}  // namespace sw::device
