// SNMP. `snmp-agent` and `snmp-agent trap enable` are Comware's; what they take here, and mib-root, is ours.
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem);
constexpr std::string_view kTable = "snmp_global";
constexpr Stores kColumns = Stores::kColumns, kList = Stores::kList;

Status StoreEngineId(Operator& session, const Match& match) {
  const std::string digits = match.Text("local_engineid");
  const bool hexadecimal = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!match.undo && (!hexadecimal || digits.size() % 2 != 0))
    return {Code::kBadValue, "An engine ID is an even number of hexadecimal digits"};
  return StoreColumns(session, match, ColumnsOf(match));
}

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
    // What an agent of its own would take. Here the system's daemon answers managers, and is told so in its own file.
    {.views = kSystem,
     .form = "snmp-agent local-engineid <local_engineid>",
     .help = "|Engine ID (stored only: the SNMP daemon of the system has its own)|Hexadecimal digits",
     .run = StoreEngineId,
     .undo = "snmp-agent local-engineid",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent community { read=access | write=access } <name> [ acl <acl> | mib-view <mib_view> ]*",
     .help =
         "|Communities (stored only: the SNMP daemon of the system has its own)|May read|May write|Name|For managers "
         "that an ACL permits|{}|Part of the MIB|Its name",
     .undo = "snmp-agent community <name>",
     .stores = kList,
     .table = "snmp_community",
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent sys-info contact <contact>",
     .help = "|The system (stored only: the SNMP daemon of the system has its own)|Who cares for it|Text",
     .undo = "snmp-agent sys-info contact",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent sys-info location <location>",
     .help = "||Where it is|Text",
     .undo = "snmp-agent sys-info location",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent sys-info version { all=version | { v1=version | v2c=version | v3=version }* }",
     .help = "||Versions of SNMP that are served|All|Version 1|Version 2c|Version 3",
     .undo = "snmp-agent sys-info version",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent packet max-size <packet_size>",
     .help = "|Packets (stored only)|The largest|{}",
     .undo = "snmp-agent packet max-size",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent trap enable=traps:1",
     .help = "||All of them (stored only: those of DVPN and of the card have switches of their own)",
     .undo = "snmp-agent trap enable",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent trap source <trap_source:interface>",
     .help = "||Where they come from (stored only)",
     .undo = "snmp-agent trap source",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "snmp-agent target-host trap address udp-domain <address> [ udp-port <udp_port> ] params securityname "
             "<security_name> [ v1=version:NULL | v2c=version | v3=version ]",
     .help =
         "|Managers that are notified (stored only)|Notifications|Address|Over UDP|IP address|Port|{}|What they are "
         "sent with|Community or user|Name|Version 1, the default|Version 2c|Version 3",
     .undo = "snmp-agent target-host <address> securityname <security_name>",
     .stores = kList,
     .table = "snmp_target",
     .acts = false},
};

}  // namespace

std::span<const Command> SnmpCommands() {
  return kCommands;
}

}  // namespace sw::cli
