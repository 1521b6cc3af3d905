// Static routes.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "Switch 8800 configuration guide page 17-2; 2005 edition page 69";

constexpr Column kRouteStatic[] = {
    Address("destination"),
    Int("mask_length", 0, 32),
    Text("next_hop", 0, 15),
    Text("interface", 0, 40),
    Int("preference", 1, 255, {.preset = 60, .unit = "preference", .origin = "Switch 4500", .required = true}),
    Word("kind", "reject|blackhole"),
};

constexpr Table kTables[] = {
    {.name = "route_static",
     .keys = 4,
     .columns = kRouteStatic,
     .order_by = "destination COLLATE ADDRESS, mask_length, preference, next_hop COLLATE ADDRESS, interface",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> RouteTables() {
  return kTables;
}

}  // namespace sw::configdb
