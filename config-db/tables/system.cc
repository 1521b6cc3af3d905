// The device itself.
#include "config-db/tables/columns.h"
#include "config-db/tables/tables.h"

namespace sw::configdb {
namespace {

constexpr Column kSystem[] = {Int("id", 1, 1), Text("sysname", 1, 30)};

constexpr Table kTables[] = {
    {.name = "system", .keys = 1, .columns = kSystem, .order_by = "id", .factory = "(id) VALUES (1)"},
};

}  // namespace

std::span<const Table> SystemTables() {
  return kTables;
}

}  // namespace sw::configdb
