#include "device/config/route.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

StaticRoute RouteOf(const configdb::Row& row) {
  StaticRoute route;
  route.destination = {AddressOf(row, "destination"), static_cast<std::uint8_t>(row.IntOr("mask_length", 0))};
  route.next_hop = AddressOf(row, "next_hop");
  route.interface = row.TextOr("interface", "");
  route.preference = IntOf(row, "preference", 60);
  const std::string kind = row.TextOr("kind", "");
  route.reject = kind == "reject";
  if (kind == "blackhole") route.interface = "NULL0";
  return route;
}

}  // namespace

Result<std::vector<StaticRoute>> LoadRoutes(const configdb::Store& store) {
  std::vector<StaticRoute> out;
  SW_TRY(EachRow(store, "route_static", [&](const configdb::Row& row) { out.push_back(RouteOf(row)); }));
  return out;
}

Status ValidateRoutes(const std::vector<StaticRoute>& routes, const InterfacesConfig& interfaces) {
  for (const StaticRoute& route : routes) {
    if (route.destination.address != route.destination.network())
      return Status(Code::kBadValue, route.destination.ToString() + " has bits beyond its mask");
    for (const InterfaceConfig& interface : interfaces.interfaces)
      for (const Prefix& own : interface.addresses)
        if (!route.next_hop.empty() && own.address == route.next_hop)
          return Status(Code::kBadValue,
                        "next hop " + route.next_hop.ToString() + " is this device's own address on " + interface.name);
  }
  return {};
}

}  // namespace sw::device
