// User interfaces: their settings, who uses them, and ending a session. Sources: Router 3000 command reference pages
// 378 and 471 (authentication, levels), Switch 4500 and WX guides (screen, history, idle time); ranges partly
// recollection. `user-interface maximum-vty` is our extension.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"
#include "cli/terminal/displays.h"
#include "cli/terminal/user_interfaces.h"
#include "device/device.h"

namespace sw::cli {
namespace {

constexpr std::string_view kTable = "user_interface";
constexpr Views kLine = In(View::kUserInterface);

Status EnterLines(Operator& session, const Match& match) {
  LineRange range;
  if (const std::optional<std::int64_t> absolute = match.Int("absolute")) {
    const LineId first = LineId::FromAbsolute(static_cast<int>(*absolute));
    const LineId last = LineId::FromAbsolute(static_cast<int>(match.Int("last_absolute").value_or(*absolute)));
    if (first.type != last.type) return {Code::kBadValue, "The user interfaces are of different types"};
    range = {first.type, first.number, last.number};
  } else {
    range.type = *ParseLineType(match.Text("type"));
    range.first = static_cast<int>(*match.Int("first"));
    range.last = static_cast<int>(match.Int("last").value_or(range.first));
  }
  const int lines = range.type == LineType::kVty ? VtyCount(session.store()) : 1;
  if (range.last < range.first || range.last >= lines) return NoSuch("The user interface");
  session.Enter(View::kUserInterface, {range.ToString()});
  return {};
}

// Settings that say what is so anyway are not kept.
void Normalise(LineType type, std::vector<configdb::Assignment>& columns) {
  const bool vty = type == LineType::kVty;
  const std::pair<std::string_view, configdb::Value> presets[] = {
      {"authentication_mode", std::string(vty ? "password" : "none")},
      {"privilege_level", std::int64_t{type == LineType::kConsole ? 3 : 0}},
      {"super_authentication", std::string("super-password")},
  };
  for (configdb::Assignment& assignment : columns) {
    for (const auto& [column, preset] : presets)
      if (assignment.column == column && assignment.value == preset) assignment.value = {};
  }
  const auto find = [&](std::string_view name) {
    return std::ranges::find(columns, name, &configdb::Assignment::column);
  };
  const auto minutes = find("idle_minutes");
  const bool preset = minutes != columns.end() &&
                      minutes->value == configdb::Value(std::int64_t{configdb::Preset(kTable, "idle_minutes")}) &&
                      find("idle_seconds")->value == configdb::Value();
  if (preset) minutes->value = {};
}

Status SetLines(Operator& session, const Match& match) {
  const LineRange range = *LineRange::Parse(configdb::KeyText(session.object()));
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const Result<std::optional<configdb::Row>> kept =
      session.store().Find(kTable, {std::string(TypeWord(range.type)), std::int64_t{range.first}});
  if (!kept.ok()) return kept.status();
  ConcealSecrets(columns, *configdb::FindTable(kTable), *kept ? &**kept : nullptr);
  Normalise(range.type, columns);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    for (int number = range.first; number <= range.last; ++number) {
      const configdb::Key key = {std::string(TypeWord(range.type)), std::int64_t{number}};
      const Result<std::optional<configdb::Row>> row = edit.store().Find(kTable, key);
      if (!row.ok()) return row.status();
      const bool clears = std::ranges::all_of(columns, [](const auto& a) { return a.value == configdb::Value(); });
      if (!*row && clears) continue;
      SW_TRY(edit.Ensure(kTable, key).status());
      for (const configdb::Assignment& assignment : columns) {
        SW_TRY(edit.Set(kTable, key, assignment.column, assignment.value).status());
      }
    }
    return {};
  });
}

Status SetVtyLines(Operator& session, const Match& match) {
  if (LineRange::Parse(configdb::KeyText(session.object()))->type != LineType::kVty) {
    return {Code::kUnsupported, "Only virtual lines take this setting"};
  }
  return SetLines(session, match);
}

Status SetMaximumVty(Operator& session, const Match& match) {
  const std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const std::int64_t preset = configdb::Preset("terminal", "maximum_vty");
  const std::int64_t most = match.undo ? preset : match.Int("maximum_vty").value_or(preset);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Set("terminal", {std::int64_t{1}}, "maximum_vty", columns.front().value).status());
    const Result<std::vector<configdb::Row>> rows = edit.store().Rows(kTable);
    if (!rows.ok()) return rows.status();
    for (const configdb::Row& row : *rows) {
      if (row.Text("type") != "vty" || row.IntOr("number", 0) < most) continue;
      SW_TRY(edit.Remove(kTable, {row["type"], row["number"]}).status());
    }
    return {};
  });
}

Status DisplayLines(Operator& session, const Match& match) {
  std::optional<LineId> only;
  if (const std::optional<std::int64_t> absolute = match.Int("absolute")) {
    only = LineId::FromAbsolute(static_cast<int>(*absolute));
  }
  if (const std::optional<std::int64_t> number = match.Int("number")) {
    only = LineId{*ParseLineType(match.Text("type")), static_cast<int>(*number)};
  }
  const LinesView shown = LinesOf(session.store(), session.seat().lines(), only);
  if (match.Has("summary")) {
    session.Show(kUserInterfacesDisplay, shown, kUserInterfacesSummary);
  } else {
    session.Show(kUserInterfacesDisplay, shown);
  }
  return {};
}

Status DisplayUsers(Operator& session, const Match& match) {
  session.Show(kUsersDisplay, UsersOf(session.store(), session.seat().lines(), session.seat().use(),
                                      session.device().scheduler().now(), match.Has("all")));
  return {};
}

Status FreeLine(Operator& session, const Match& match) {
  const LineId line = match.Int("absolute")
                          ? LineId::FromAbsolute(static_cast<int>(*match.Int("absolute")))
                          : LineId{*ParseLineType(match.Text("type")), static_cast<int>(*match.Int("number"))};
  const LineUse* own = session.seat().own();
  if (own != nullptr && own->line == line) return {Code::kInUse, "The user interface in use cannot be freed"};
  return session.Ask(fmt::format("Are you sure to free user-interface {}? [Y/N]:", line.ToString()), "y",
                     [&session, line](std::string_view answer) -> Status {
                       if (!answer.starts_with('y') && !answer.starts_with('Y')) return {};
                       const std::size_t ended = session.seat().lines().HangUp(line, session.seat().use());
                       session.Print(ended == 0 ? "Nobody uses it.\n" : "[OK]\n");
                       return {};
                     });
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "user-interface { { console=type:con | aux=type | vty=type } <first:user_interface.number> [ "
             "<last:user_interface.number> ] | "
             "<absolute:int:0-257> [ <last_absolute:int:0-257> ] }",
     .help = "Configure the user terminal interface|Console|Auxiliary line|Virtual line|Number of the first|"
             "Number of the last|Absolute number of the first|Absolute number of the last",
     .run = EnterLines,
     .enters = View::kUserInterface,
     .offline = true},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "user-interface maximum-vty <maximum_vty>",
     .help = "|Most virtual lines in use at a time|{}",
     .run = SetMaximumVty,
     .undo = "user-interface maximum-vty",
     .undo_run = SetMaximumVty,
     .stores = Stores::kColumns,
     .table = "terminal"},
    {.views = kLine,
     .level = kManage,
     .form = "authentication-mode { none=authentication_mode | password=authentication_mode | "
             "scheme=authentication_mode [ command-authorization=command_authorization:1 ] }",
     .help = "Configure the authentication of users|No authentication|By the password of the line|By AAA|"
             "Commands are authorized by HWTACACS, too (stored only)",
     .run = SetLines,
     .undo = "authentication-mode",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "set authentication password { simple=password_form <password> | cipher=password_form "
             "<password:concealed> | hash=password_form <password:concealed> }",
     .help = "Specify parameters of the line|Authentication parameters|Password of the line|"
             "As typed, kept as a hash|The password|Concealed, kept as a hash|The password, or its concealed text|"
             "As the device prints it|The hash",
     .run = SetLines,
     .undo = "set authentication password",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "user privilege level <privilege_level>",
     .help = "Specify parameters of users|Rights|Level of commands|Level",
     .run = SetLines,
     .undo = "user privilege level",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .form = "idle-timeout <idle_minutes> [ <idle_seconds> ]",
     .help = "Specify the time after which an idle user is disconnected|{}; 0: never|Seconds",
     .run = SetLines,
     .undo = "idle-timeout",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .form = "screen-length <screen_length>",
     .help = "Specify the lines of one screen|{}; 0: no paging",
     .run = SetLines,
     .undo = "screen-length",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .form = "history-command max-size <history_size>",
     .help = "History of commands|Lines kept|{}",
     .run = SetLines,
     .undo = "history-command max-size",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "protocol inbound { all=protocol_inbound:NULL | ssh=protocol_inbound | telnet=protocol_inbound }",
     .help = "Protocols the line serves|Of incoming users|All, the default|SSH|Telnet, which is not served here",
     .run = SetVtyLines,
     .undo = "protocol inbound",
     .undo_run = SetVtyLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "telnet server enable=telnet_server:1",
     .help = "Telnet|Telnet server|Serve Telnet, which this device does not do: it serves SSH",
     .undo = "telnet server [ enable ]",
     .stores = Stores::kColumns,
     .table = "terminal",
     .acts = false},
    {.views = kLine,
     .level = kManage,
     .form = "acl <acl_inbound> inbound",
     .help = "Restrict the addresses by an ACL|ACL number|Of incoming users",
     .run = SetVtyLines,
     .undo = "acl inbound",
     .undo_run = SetVtyLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "acl <acl_outbound> outbound",
     .help = "|ACL number|Of hosts that users go on to",
     .run = SetVtyLines,
     .undo = "acl outbound",
     .undo_run = SetVtyLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "undo shell=no_shell:1",
     .help = "Cancel current setting|Terminal service of the line",
     .run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kLine,
     .level = kManage,
     .form = "shell=no_shell:NULL",
     .help = "Terminal service of the line",
     .run = SetLines,
     .table = kTable,
     .offline = true},
    {.views = kLine,
     .level = kManage,
     .form = "super authentication-mode { super-password=super_authentication | scheme=super_authentication }*",
     .help = "Change of the level|How a user proves that he may|By the super password, the default|By AAA",
     .run = SetLines,
     .undo = "super authentication-mode",
     .undo_run = SetLines,
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display user-interface [ { console=type:con | aux=type | vty=type } <number:user_interface.number> | "
             "<absolute:int:0-257> ] [ summary ]",
     .help = "|User interfaces|Console|Auxiliary line|Virtual line|Number|Absolute number|Who is used only",
     .run = DisplayLines,
     .shows = &kUserInterfacesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display users [ all ]",
     .help = "|Who uses the user interfaces|Unused ones, too",
     .run = DisplayUsers,
     .shows = &kUsersDisplay},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "free user-interface { { console=type:con | aux=type | vty=type } <number:user_interface.number> | "
             "<absolute:int:0-257> }",
     .help = "Clear user terminal interface|User interfaces|Console|Auxiliary line|Virtual line|Number|Absolute number",
     .run = FreeLine},
};

}  // namespace

std::span<const Command> UserInterfaceCommands() {
  return kCommands;
}

}  // namespace sw::cli
