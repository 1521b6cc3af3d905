// Static routes.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kRouteStatic[] = {
    Address("destination"),   Int("mask_length", 0, 32),           Text("next_hop", 0, 15),
    Text("interface", 0, 40), Required(Int("preference", 1, 255)), Word("kind", "reject|blackhole"),
};

constexpr Table kTables[] = {
    {.name = "route_static",
     .keys = 4,
     .columns = kRouteStatic,
     .order_by = "destination COLLATE ADDRESS, mask_length, preference, next_hop COLLATE ADDRESS, interface"},
};

}  // namespace

std::span<const Table> RouteTables() {
  return kTables;
}

}  // namespace sw::configdb
