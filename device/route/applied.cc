#include "device/route/applied.h"

#include <algorithm>
#include <utility>

namespace sw::device {

Status AppliedRoutes::Add(const StaticRoute& route) {
  if (active_.contains(route)) return {};
  Status added = platform_.AddRoute(route);
  if (!added.ok() && added.code() != Code::kNotFound)
    return std::move(added).Within("route to " + route.destination.ToString());
  (added.ok() ? active_ : waiting_).insert(route);
  if (added.ok()) waiting_.erase(route);
  return {};
}

Status AppliedRoutes::Remove(const StaticRoute& route) {
  // Two rows may mean one route: it stays while one of them does.
  const auto first = applied_.lower_bound({route.destination, {}, {}});
  for (auto it = first; it != applied_.end() && it->first.destination == route.destination; ++it)
    if (it->second == route) return {};
  waiting_.erase(route);
  if (!active_.contains(route)) return {};
  // The kernel drops routes by itself with their interface: not found is as good as removed.
  if (Status removed = platform_.RemoveRoute(route); !removed.ok() && removed.code() != Code::kNotFound) return removed;
  active_.erase(route);
  return {};
}

Status AppliedRoutes::Apply(const RoutesConfig& routes, const RouteDelta& delta) {
  for (const RouteKey& key : delta) {
    const StaticRoute* wanted = routes.Find(key);
    const auto before = applied_.find(key);
    if (before != applied_.end() && (wanted == nullptr || *wanted != before->second)) {
      const StaticRoute old = before->second;
      applied_.erase(before);
      if (Status removed = Remove(old); !removed.ok()) {
        applied_.emplace(key, old);
        return removed;
      }
    }
    if (wanted == nullptr) continue;
    SW_TRY(Add(*wanted));
    applied_.insert_or_assign(key, *wanted);
  }
  return {};
}

void AppliedRoutes::Retry() {
  for (const StaticRoute& route : std::exchange(waiting_, {}))
    (platform_.AddRoute(route).ok() ? active_ : waiting_).insert(route);
}

}  // namespace sw::device
