// The SNMP subagent.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kSnmpGlobal[] = {
    Int("id", 1, 1),
    Flag("agent"),
    Word("map_trap", "disable"),
    Word("session_trap", "disable"),
    Word("mib_root", "h3c|hh3c|hpn-icf"),
};

constexpr Table kTables[] = {
    {.name = "snmp_global", .keys = 1, .columns = kSnmpGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
};

}  // namespace

std::span<const Table> SnmpTables() {
  return kTables;
}

}  // namespace sw::configdb
