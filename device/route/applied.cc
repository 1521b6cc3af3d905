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

Status AppliedRoutes::Apply(const RoutesConfig& routes, const Changes& changes) {
  const auto apply = [&](const RouteKey& key) -> Status {
    const auto wanted = routes.find(key);
    const auto before = applied_.find(key);
    if (before != applied_.end() && (wanted == routes.end() || wanted->second != before->second)) {
      const StaticRoute old = before->second;
      applied_.erase(before);
      if (Status removed = Remove(old); !removed.ok()) {
        applied_.emplace(key, old);
        return removed;
      }
    }
    if (wanted == routes.end()) return {};
    SW_TRY(Add(wanted->second));
    applied_.insert_or_assign(key, wanted->second);
    return {};
  };
  if (!changes.all()) {
    for (const configdb::Key& key : changes.Of("route_static")) SW_TRY(apply(RouteKeyOf(key)));
    return {};
  }
  std::set<RouteKey> keys;
  for (const auto& [key, route] : routes) keys.insert(key);
  for (const auto& [key, route] : applied_) keys.insert(key);
  for (const RouteKey& key : keys) SW_TRY(apply(key));
  return {};
}

void AppliedRoutes::Reassert() {
  std::set<StaticRoute> all = std::exchange(waiting_, {});
  all.merge(active_);
  active_.clear();
  for (const StaticRoute& route : all) {
    const Status added = platform_.AddRoute(route);
    (added.ok() || added.code() == Code::kExists ? active_ : waiting_).insert(route);
  }
}

}  // namespace sw::device
