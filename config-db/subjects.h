// The tables of each subject; config-db/schema.h joins them.
#pragma once

#include <span>

#include "config-db/schema.h"

namespace sw::configdb {

std::span<const Table> SystemTables();
std::span<const Table> AaaTables();
std::span<const Table> TerminalTables();
std::span<const Table> InterfaceTables();
std::span<const Table> RouteTables();
std::span<const Table> AclTables();
std::span<const Table> DvpnTables();
std::span<const Table> IpsecTables();
std::span<const Table> SnmpTables();
std::span<const Table> MetricsTables();
std::span<const Table> CardTables();
std::span<const Table> NatTables();
std::span<const Table> L2tpTables();
std::span<const Table> VrrpTables();

}  // namespace sw::configdb
