// Static routes as configured. There may be very many, so one changed row costs one row.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>

#include "device/config/rows.h"
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
class RoutesConfig {
 public:
  const StaticRoute* Find(const RouteKey& key) const {  // null: there is none
    const auto found = routes_.find(key);
    return found == routes_.end() ? nullptr : &found->second;
  }
  bool IsNextHop(Ipv4 address) const { return next_hops_.contains(address); }
  std::size_t size() const { return routes_.size(); }

  void Set(const RouteKey& key, StaticRoute route);
  void Erase(const RouteKey& key);

 private:
  std::map<RouteKey, StaticRoute> routes_;
  std::map<Ipv4, std::size_t> next_hops_;  // and of how many routes
};

using RouteDelta = std::set<RouteKey>;

void TakeRoute(const configdb::Key& key, Rows rows, RoutesConfig& routes, RouteDelta& delta);
// Refuses bits beyond a mask, and a next hop that is this device's own address, among what changed.
Status ValidateRoutes(const RoutesConfig& routes, const InterfacesConfig& interfaces, const RouteDelta& delta,
                      const InterfaceDelta& changed);

}  // namespace sw::device
