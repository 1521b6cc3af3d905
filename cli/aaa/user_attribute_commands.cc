// What a local user is bound to: where LAN users would have to come from, stored and shown only. Options and ranges:
// the siblings' switches, partly recollection.
#include <array>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr std::string_view kTable = "local_user";

// One attribute: its word and the columns behind it.
struct Attribute {
  std::string_view word;
  std::array<std::string_view, 2> columns;
};
constexpr Attribute kAttributes[] = {
    {"ip", {"bind_ip"}},
    {"mac", {"bind_mac"}},
    {"vlan", {"bind_vlan"}},
    {"location", {"bind_nas_ip", "bind_port"}},
    {"idle-cut", {"idle_cut_seconds"}},
};

// Attributes add up, and their undo takes away what it names.
Status ChangeAttributes(Operator& session, const Match& match) {
  const std::vector<configdb::Assignment> columns = match.undo ? std::vector<configdb::Assignment>() : ColumnsOf(match);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    for (const Attribute& attribute : kAttributes) {
      if (!match.Has(attribute.word)) continue;
      for (const std::string_view column : attribute.columns) {
        if (column.empty()) continue;
        configdb::Value value;
        for (const configdb::Assignment& given : columns)
          if (given.column == column) value = given.value;
        SW_TRY(edit.Set(kTable, session.object(), column, value).status());
      }
    }
    return {};
  });
}

Status ChangeLimit(Operator& session, const Match& match) {
  const auto limit = match.Int("limit");
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const configdb::Value value = match.undo ? configdb::Value() : configdb::Value(*limit);
    return edit.Set(kTable, session.object(), "access_limit", value).status();
  });
}

constexpr Command kCommands[] = {
    {.views = In(View::kLocalUser),
     .level = kManage,
     .form = "attribute { ip <bind_ip> | mac <bind_mac> | vlan <bind_vlan> | location { nas-ip "
             "<bind_nas_ip> port <bind_port> | port <bind_port> } | idle-cut "
             "<idle_cut_seconds> }*",
     .help = "What the user is bound to (stored only: nobody comes in by a switch port here)|Address|IP address|MAC "
             "address|MAC address|VLAN|VLAN ID|Port of a switch|Of another one|IP address|Port|Slot and number|Port|"
             "Slot and number|Cut when there is no traffic|Seconds",
     .run = ChangeAttributes,
     .undo = "attribute { ip | mac | vlan | location | idle-cut }*",
     .undo_run = ChangeAttributes,
     .stores = Stores::kColumns,
     .table = kTable,
     .acts = false},
    {.views = In(View::kLocalUser),
     .level = kManage,
     .form = "attribute access-limit <limit:local_user.access_limit>",
     .help = "|How often the user may be in at a time, as access-limit|Times",
     .run = ChangeLimit,
     .undo = "attribute access-limit",
     .undo_run = ChangeLimit},
};

}  // namespace

std::span<const Command> UserAttributeCommands() {
  return kCommands;
}

}  // namespace sw::cli
