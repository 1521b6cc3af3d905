// Static routes as configured. There may be very many, so one changed row costs one row.
#pragma once

#include <compare>
#include <map>
#include <string>

#include "config-db/store.h"
#include "device/config/changes.h"
#include "device/interface/values.h"
#include "device/platform.h"
#include "hal/base/result.h"

namespace sw::device {

struct RouteKey {  // of the row
  Prefix destination;
  Ipv4 next_hop;
  std::string interface;
  friend auto operator<=>(const RouteKey&, const RouteKey&) = default;
};
using RoutesConfig = std::map<RouteKey, StaticRoute>;

RouteKey RouteKeyOf(const configdb::Key& key);  // of a row of route_static
Result<RoutesConfig> LoadRoutes(const configdb::Store& store);
// What stands in this row now.
Status UpdateRoute(const configdb::Store& store, const configdb::Key& key, RoutesConfig& routes);
// Refuses bits beyond a mask, and a next hop that is this device's own address, among what changed.
Status ValidateRoutes(const RoutesConfig& routes, const InterfacesConfig& interfaces, const Changes& changes);

}  // namespace sw::device
