// SNMP. `snmp-agent` and `snmp-agent trap enable` are Comware's; what they take here, and mib-root, is ours.
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem);
constexpr std::string_view kTable = "snmp_global";
constexpr Stores kColumns = Stores::kColumns;

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "snmp-agent=agent:1",
     .help = "Serve the DVPN MIB to the SNMP daemon of the system",
     .undo = "snmp-agent",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "snmp-agent mib-root { 3com=mib_root:NULL | h3c=mib_root | hh3c=mib_root | hpn-icf=mib_root }",
     .help = "|Where the MIB hangs, an extension|3Com, the default|Huawei-3Com|H3C|HP",
     .undo = "snmp-agent mib-root",
     .stores = kColumns,
     .table = kTable},
    // Traps are on by default (DVPN MIB), so it is their undo that is kept.
    {.views = kSystem,
     .form = "undo snmp-agent trap enable dvpn map=map_trap:disable",
     .help = "Cancel current setting|SNMP|Notifications|Send them|Dynamic VPN|Of maps",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "undo snmp-agent trap enable dvpn session=session_trap:disable",
     .help = "Cancel current setting|SNMP|Notifications|Send them|Dynamic VPN|Of sessions",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "snmp-agent trap enable dvpn map=map_trap:NULL",
     .help = "|Notifications|Send them|Dynamic VPN|Of maps",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "snmp-agent trap enable dvpn session=session_trap:NULL",
     .help = "||||Of sessions",
     .stores = kColumns,
     .table = kTable},
};

}  // namespace

std::span<const Command> SnmpCommands() {
  return kCommands;
}

}  // namespace sw::cli
