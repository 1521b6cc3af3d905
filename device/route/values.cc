#include "device/route/values.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

constexpr std::string_view kTable = "route_static";

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

Status ValidateRoute(const StaticRoute& route, const InterfacesConfig& interfaces) {
  SW_TRY(Check(route).Within("route to " + route.destination.AsNetwork().ToString()));
  if (route.destination.address != route.destination.network())
    return {Code::kBadValue, route.destination.ToString() + " has bits beyond its mask"};
  if (route.next_hop.empty()) return {};
  for (const InterfaceConfig& interface : interfaces.interfaces)
    for (const Prefix& own : interface.addresses)
      if (own.address == route.next_hop)
        return {Code::kBadValue,
                "next hop " + route.next_hop.ToString() + " is this device's own address on " + interface.name};
  return {};
}

}  // namespace

RouteKey RouteKeyOf(const configdb::Key& key) {
  const auto address = [&](std::size_t i) { return Ipv4::Parse(configdb::TextOf(key[i])).value_or(Ipv4()); };
  const auto* length = std::get_if<std::int64_t>(&key[1]);
  return {
      {address(0), static_cast<std::uint8_t>(length == nullptr ? 0 : *length)}, address(2), configdb::TextOf(key[3])};
}

Result<RoutesConfig> LoadRoutes(const configdb::Store& store) {
  RoutesConfig out;
  SW_TRY(EachRow(store, kTable, [&](const configdb::Row& row) {
    out.emplace(RouteKeyOf({row.values.begin(), row.values.begin() + 4}), RouteOf(row));
  }));
  return out;
}

Status UpdateRoute(const configdb::Store& store, const configdb::Key& key, RoutesConfig& routes) {
  const Result<std::optional<configdb::Row>> row = store.Find(kTable, key);
  if (!row.ok()) return row.status();
  if (*row) {
    routes.insert_or_assign(RouteKeyOf(key), RouteOf(**row));
  } else {
    routes.erase(RouteKeyOf(key));
  }
  return {};
}

Status ValidateRoutes(const RoutesConfig& routes, const InterfacesConfig& interfaces, const Changes& changes) {
  if (changes.Touches("interface_address")) {  // an own address may have become any route's next hop
    for (const auto& [key, route] : routes) SW_TRY(ValidateRoute(route, interfaces));
    return {};
  }
  for (const configdb::Key& key : changes.Of(kTable)) {
    const auto found = routes.find(RouteKeyOf(key));
    if (found != routes.end()) SW_TRY(ValidateRoute(found->second, interfaces));
  }
  return {};
}

}  // namespace sw::device
