#include "device/route/values.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

StaticRoute RouteOf(const configdb::Row& row) {
  StaticRoute route;
  route.destination = {AddressOf(row, "destination"), static_cast<std::uint8_t>(row.IntOr("mask_length", 0))};
  route.next_hop = AddressOf(row, "next_hop");
  route.interface = row.TextOr("interface", "");
  route.preference = IntOf(row, "preference", 0);
  const std::string kind = row.TextOr("kind", "");
  route.reject = kind == "reject";
  if (kind == "blackhole") route.interface = "NULL0";
  return route;
}

RouteKey RouteKeyOf(const configdb::Key& key) {
  const auto address = [&](std::size_t i) { return Ipv4::Parse(configdb::TextOf(key[i])).value_or(Ipv4()); };
  return {{address(0), static_cast<std::uint8_t>(NumberOf(key[1]))}, address(2), configdb::TextOf(key[3])};
}

Status RefuseOwn(Ipv4 next_hop, const InterfaceConfig& owner) {
  return {Code::kBadValue, "next hop " + next_hop.ToString() + " is this device's own address on " + owner.name};
}

}  // namespace

void RoutesConfig::Set(const RouteKey& key, StaticRoute route) {
  Erase(key);
  if (!route.next_hop.empty()) ++next_hops_[route.next_hop];
  routes_.emplace(key, std::move(route));
}

void RoutesConfig::Erase(const RouteKey& key) {
  const auto found = routes_.find(key);
  if (found == routes_.end()) return;
  if (const auto hop = next_hops_.find(found->second.next_hop); hop != next_hops_.end() && --hop->second == 0)
    next_hops_.erase(hop);
  routes_.erase(found);
}

void TakeRoute(const configdb::Key& key, Rows rows, RoutesConfig& routes, RouteDelta& delta) {
  RouteKey typed = RouteKeyOf(key);
  if (rows.empty()) {
    routes.Erase(typed);
  } else {
    routes.Set(typed, RouteOf(rows.front()));
  }
  delta.insert(std::move(typed));
}

Status ValidateRoutes(const RoutesConfig& routes, const InterfacesConfig& interfaces, const RouteDelta& delta,
                      const InterfaceDelta& changed) {
  for (const RouteKey& key : delta) {
    const StaticRoute* route = routes.Find(key);
    if (route == nullptr) continue;
    SW_TRY(Check(*route).Within("route to " + route->destination.AsNetwork().ToString()));
    if (route->destination.address != route->destination.network())
      return {Code::kBadValue, route->destination.ToString() + " has bits beyond its mask"};
    const InterfaceConfig* owner = route->next_hop.empty() ? nullptr : interfaces.OwnerOf(route->next_hop);
    if (owner != nullptr) return RefuseOwn(route->next_hop, *owner);
  }
  for (const std::string& name : changed.addresses) {  // an own address may have become any route's next hop
    const InterfaceConfig* interface = interfaces.Find(name);
    if (interface == nullptr) continue;
    for (const Prefix& own : interface->addresses)
      if (routes.IsNextHop(own.address)) return RefuseOwn(own.address, *interface);
  }
  return {};
}

}  // namespace sw::device
