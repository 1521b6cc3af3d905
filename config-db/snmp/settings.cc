// The SNMP subagent.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = kOurs;

constexpr Column kSnmpGlobal[] = {
    Int("id", 1, 1),
    Flag("agent"),
    Word("map_trap", "disable", {.preset_words = "enable"}),
    Word("session_trap", "disable", {.preset_words = "enable"}),
    Word("mib_root", "h3c|hh3c|hpn-icf", {.preset_words = "3com"}),
};

constexpr Table kTables[] = {
    {.name = "snmp_global",
     .keys = 1,
     .columns = kSnmpGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> SnmpTables() {
  return kTables;
}

}  // namespace sw::configdb
