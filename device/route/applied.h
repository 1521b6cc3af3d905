// Static routes on the platform: what is configured, kept there as far as the platform can take it.
#pragma once

#include <set>

#include "device/platform.h"
#include "device/route/values.h"

namespace sw::device {

class AppliedRoutes {
 public:
  explicit AppliedRoutes(Platform& platform) : platform_(platform) {}  // outlives this

  // Takes the changed rows to the platform. The first route that it refuses ends the work; doing it again with the old
  // configuration takes the rest back.
  Status Apply(const RoutesConfig& routes, const RouteDelta& delta);
  void Retry();  // interfaces have changed: what waits may go in now

 private:
  Status Add(const StaticRoute& route);
  Status Remove(const StaticRoute& route);

  Platform& platform_;
  std::map<RouteKey, StaticRoute> applied_;  // by the rows they come from
  std::set<StaticRoute> active_, waiting_;   // waiting: their interface is not there yet
};

}  // namespace sw::device
