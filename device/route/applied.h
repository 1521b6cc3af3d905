// Static routes on the platform: what is configured, kept there as far as the platform can take it.
#pragma once

#include <set>

#include "device/config/changes.h"
#include "device/platform.h"
#include "device/route/values.h"

namespace sw::device {

class AppliedRoutes {
 public:
  explicit AppliedRoutes(Platform& platform) : platform_(platform) {}  // outlives this

  // Takes the changed rows to the platform. The first route that it refuses ends the work; doing it again with the old
  // configuration takes the rest back.
  Status Apply(const RoutesConfig& routes, const Changes& changes);
  // A kernel forgets routes whose link goes down, and says nothing when adding one that it still has.
  void Reassert();

 private:
  Status Add(const StaticRoute& route);
  Status Remove(const StaticRoute& route);

  Platform& platform_;
  std::map<RouteKey, StaticRoute> applied_;  // by the rows they come from
  std::set<StaticRoute> active_, waiting_;   // waiting: the platform cannot reach the next hop yet
};

}  // namespace sw::device
