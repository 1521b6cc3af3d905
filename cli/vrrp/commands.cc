// VRRP, stored and printed only: no engine here speaks it. Sources: guide pages 231-236 and 477.
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kPort = In(View::kGigabitEthernet);
constexpr Stores kList = Stores::kList;
constexpr std::string_view kGroups = "vrrp_group", kOfInterface = "vrrp_interface";

// The default: nothing is kept of it.
Status PreemptAtOnce(Operator& session, const Match& match) {
  const configdb::Key key = {session.object().front(), *match.Int("vrid")};
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::optional<configdb::Row>> group = edit.store().Find(kGroups, key);
    if (!group.ok() || !*group) return group.status();
    SW_TRY(edit.Set(kGroups, key, "preempt", {}).status());
    return edit.Set(kGroups, key, "preempt_delay", {}).status();
  });
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "vrrp ping-enable=ping_enable:1",
     .help = "Standby groups of gateways (stored only)|Answer echo requests to virtual addresses",
     .undo = "vrrp ping-enable",
     .stores = Stores::kColumns,
     .table = "vrrp_global",
     .acts = false},
    {.views = kPort,
     .form = "vrrp authentication-mode { md5=authentication | simple=authentication } <authentication_key>",
     .help = "Standby groups of gateways (stored only)|How gateways prove who they are|By MD5|By the key as it is|Key",
     .undo = "vrrp authentication-mode",
     .undo_run = UndoListSetting,
     .stores = kList,
     .table = kOfInterface,
     .acts = false},
    {.views = kPort,
     .form = "vrrp un-check ttl=uncheck_ttl:1",
     .help = "|What is not checked|Time to live of advertisements",
     .undo = "vrrp un-check ttl",
     .undo_run = UndoListSetting,
     .stores = kList,
     .table = kOfInterface,
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> virtual-ip <address>",
     .help = "|A group|{}|An address that it serves|IP address",
     .undo = "vrrp vrid <vrid> [ virtual-ip <address> ]",
     .stores = kList,
     .table = "vrrp_address",
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> priority <priority>",
     .help = "||{}|The highest is the master|{}",
     .undo = "vrrp vrid <vrid> priority",
     .undo_run = UndoListSetting,
     .stores = kList,
     .table = kGroups,
     .acts = false},
    // Whoever has the highest priority takes over unless told otherwise, so it is the undo that is kept.
    {.views = kPort,
     .form = "undo vrrp vrid <vrid> preempt-mode=preempt:disable",
     .help = "Cancel current setting|Standby groups of gateways|A group|{}|Take over from a lower priority",
     .stores = kList,
     .table = kGroups,
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> preempt-mode=preempt:NULL timer delay <preempt_delay>",
     .help = "||{}|Take over from a lower priority, the default|Times|Wait before|{}",
     .stores = kList,
     .table = kGroups,
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> preempt-mode",
     .help = "||{}|Take over from a lower priority, the default",
     .run = PreemptAtOnce,
     .table = kGroups,
     .offline = true,
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> timer advertise <advertise>",
     .help = "||{}|Times|Between two advertisements|{}",
     .undo = "vrrp vrid <vrid> timer advertise",
     .undo_run = UndoListSetting,
     .stores = kList,
     .table = kGroups,
     .acts = false},
    {.views = kPort,
     .form = "vrrp vrid <vrid> track <tracked:interface> [ reduced <reduced> ]",
     .help = "||{}|Lower the priority while an interface is down|By how much|{}",
     .undo = "vrrp vrid <vrid> track [ <tracked:interface> ]",
     .stores = kList,
     .table = "vrrp_track",
     .acts = false},
};

}  // namespace

std::span<const Command> VrrpCommands() {
  return kCommands;
}

}  // namespace sw::cli
