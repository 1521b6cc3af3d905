// Whom the module's built-in RADIUS server would answer, stored and shown only: this device asks RADIUS servers and is
// none. Source: guide page 46 (default entry, at most 16).
#include <fmt/format.h>

#include "cli/aaa/displays.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMost = 16;
constexpr std::string_view kTable = "local_server", kOwn = "127.0.0.1";  // that entry is always there

Status SetServer(Operator& session, const Match& match) {
  const std::string address = match.Text("address");
  const Ipv4 nas = *Ipv4::Parse(address);
  if (nas.empty() || nas.multicast() || nas.value >> 28 == 0xf)
    return {Code::kBadValue, "No access server can have the address " + address};
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const Result<std::optional<configdb::Row>> kept = session.store().Find(kTable, {address});
  if (!kept.ok()) return kept.status();
  ConcealSecrets(columns, *configdb::FindTable(kTable), *kept ? &**kept : nullptr);
  std::erase_if(columns, [](const configdb::Assignment& each) { return each.column == "address"; });
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::vector<configdb::Row>> rows = edit.store().Rows(kTable);
    if (!rows.ok()) return rows.status();
    std::size_t entries = 1;  // with this one, and the default one
    for (const configdb::Row& row : *rows) entries += row.Text("address") != address ? 1 : 0;
    bool own = address == kOwn;
    for (const configdb::Row& row : *rows) own = own || row.Text("address") == kOwn;
    if (entries + (own ? 0 : 1) > kMost) return {Code::kBusy, fmt::format("There are {} entries already", kMost)};
    SW_TRY(edit.Ensure(kTable, {address}, columns).status());
    for (const configdb::Assignment& each : columns)
      SW_TRY(edit.Set(kTable, {address}, each.column, each.value).status());
    return {};
  });
}

Status RemoveServer(Operator& session, const Match& match) {
  return session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, kTable, {match.Text("address")}, NoSuch("The entry")); });
}

Status DisplayServer(Operator& session, const Match&) {
  const Result<std::vector<configdb::Row>> rows = session.store().Rows(kTable);
  if (!rows.ok()) return rows.status();
  LocalServerView shown;
  bool own = false;
  for (const configdb::Row& row : *rows) {
    own = own || row.Text("address") == kOwn;
    shown.push_back({row.TextOr("address", ""), false});
  }
  if (!own) shown.push_back({std::string(kOwn), true});
  session.Show(kLocalServerDisplay, shown);
  return {};
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "local-server nas-ip <address> key { simple=shared_key_form <shared_key> | "
             "cipher=shared_key_form <shared_key:concealed> | <shared_key> }",
     .help = "Local RADIUS server (stored only: this device serves none)|An access server it answers|IP address|Key "
             "shared with it|Shown as typed|The key|Shown concealed|The key, or its concealed text|The key, shown "
             "concealed",
     .run = SetServer,
     .undo = "local-server nas-ip <address>",
     .undo_run = RemoveServer,
     .stores = Stores::kList,
     .table = kTable,
     .acts = false},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display local-server statistics",
     .help = "|Local RADIUS server|What became of it here, and its entries",
     .run = DisplayServer,
     .shows = &kLocalServerDisplay},
};

}  // namespace

std::span<const Command> LocalServerCommands() {
  return kCommands;
}

}  // namespace sw::cli
