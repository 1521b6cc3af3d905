// The information centre. Syntax: Router 3000 command reference page 68, Switch 8800 configuration guide chapter 46;
// sizes of buffers, time stamps and the wording of answers are recollection.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cli/log/displays.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/log/monitor.h"
#include "device/log/values.h"

namespace sw::cli {
namespace {

using configdb::Assignment;
using configdb::Key;
using configdb::Value;

// The settings as the store has them, which in a change of several lines are not yet the device's.
Result<device::InfoSettings> SettingsOf(Operator& session) {
  return device::LoadInfoCenter(session.store());
}

// The channel that the line names, by its number or name.
Result<int> ChannelOf(Operator& session, const Match& match) {
  for (const Argument& argument : match.arguments) {
    if (argument.terminal->keyword || !argument.terminal->name.ends_with("channel")) continue;
    return static_cast<int>(*match.Int(argument.terminal->name));
  }
  const Result<device::InfoSettings> settings = SettingsOf(session);
  if (!settings.ok()) return settings.status();
  const std::optional<int> channel = settings->ChannelOf(match.Text("channel_name"));
  if (!channel) return {Code::kNotFound, fmt::format("There is no channel {}", match.Text("channel_name"))};
  return *channel;
}

bool NamesChannel(const Match& match) {
  return std::ranges::any_of(match.arguments, [](const Argument& argument) {
    return !argument.terminal->keyword &&
           (argument.terminal->name.ends_with("channel") || argument.terminal->name == "channel_name");
  });
}

// Settings of an output: its channel may be named.
Status SetOutput(Operator& session, const Match& match) {
  std::vector<Assignment> columns = ColumnsOf(match);
  if (match.Find("channel_name") != nullptr) {
    const Result<int> channel = ChannelOf(session, match);
    if (!channel.ok()) return channel.status();
    for (Assignment& column : columns) {
      if (!column.column.ends_with("channel")) continue;
      const auto preset = std::ranges::find(match.form->terminals, column.column, &Symbol::name)->spec.preset;
      column.value = preset == *channel ? Value() : Value(std::int64_t{*channel});
    }
  }
  return StoreColumns(session, match, columns);
}

Status Enable(Operator& session, const Match& match) {
  SW_TRY(StoreColumns(session, match, ColumnsOf(match)));
  const bool off = std::ranges::any_of(match.arguments, [](const Argument& argument) {
    return argument.terminal->name == "disabled" && !argument.terminal->stores_null;
  });
  session.Print(fmt::format("% Information center is {}.\n", off ? "disabled" : "enabled"));
  return {};
}

Status AddLogHost(Operator& session, const Match& match) {
  const device::LogHost presets;
  int channel = presets.channel;
  if (NamesChannel(match)) {
    const Result<int> named = ChannelOf(session, match);
    if (!named.ok()) return named.status();
    channel = *named;
  }
  const auto unless = [](std::int64_t value, std::int64_t preset) { return value == preset ? Value() : Value(value); };
  const std::vector<Assignment> values = {
      {"channel", unless(channel, presets.channel)},
      {"facility", unless(match.Int("facility").value_or(presets.facility), presets.facility)},
      {"language", match.Has("chinese") ? Value("chinese") : Value()}};
  const Key key = {match.Text("address")};
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure("info_loghost", key).status());
    for (const Assignment& each : values) SW_TRY(edit.Set("info_loghost", key, each.column, each.value).status());
    return {};
  });
}

Status Remove(Operator& session, std::string_view table, const Key& key, std::string_view what) {
  return session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, table, key, NoSuch(fmt::format("The {}", what))); });
}

Status RemoveLogHost(Operator& session, const Match& match) {
  return Remove(session, "info_loghost", {match.Text("address")}, "log host");
}

Status NameChannel(Operator& session, const Match& match) {
  const std::string name = match.Text("name");
  if (std::isalpha(static_cast<unsigned char>(name.front())) == 0)
    return {Code::kBadValue, "The name of a channel begins with a letter"};
  const Key key = {*match.Int("number")};
  const bool preset = name == device::DefaultChannelName(static_cast<int>(*match.Int("number")));
  return session.Configure([&](configdb::Edit& edit) -> Status {
    if (preset) return edit.Remove("info_channel", key).status();
    SW_TRY(edit.Ensure("info_channel", key, {{"name", name}}).status());
    return edit.Set("info_channel", key, "name", name).status();
  });
}

Status UnnameChannel(Operator& session, const Match& match) {
  return Remove(session, "info_channel", {*match.Int("number")}, "name");
}

std::string ModuleOf(const Match& match) {
  std::string module = match.Text("module");
  if (module != "default")
    std::ranges::transform(module, module.begin(), [](unsigned char c) { return std::toupper(c); });
  return module;
}

constexpr std::array<std::string_view, 6> kRules = {"log_state",  "log_level",   "trap_state",
                                                    "trap_level", "debug_state", "debug_level"};

// What the line does not say of a kind of record stays as it was.
Status SetSource(Operator& session, const Match& match) {
  const Result<int> channel = ChannelOf(session, match);
  if (!channel.ok()) return channel.status();
  const bool says = std::ranges::any_of(kRules, [&](std::string_view rule) { return match.Find(rule) != nullptr; });
  if (!says) return {Code::kBadValue, "Say what of log, trap or debug"};
  const Key key = {ModuleOf(match), std::int64_t{*channel}};
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure("info_source", key).status());
    for (const std::string_view rule : kRules) {
      if (match.Find(rule) == nullptr) continue;
      const Value value = rule.ends_with("level") ? Value(*match.Int(rule)) : Value(match.Text(rule));
      SW_TRY(edit.Set("info_source", key, rule, value).status());
    }
    return {};
  });
}

Status RemoveSource(Operator& session, const Match& match) {
  const Result<int> channel = ChannelOf(session, match);
  if (!channel.ok()) return channel.status();
  return Remove(session, "info_source", {ModuleOf(match), std::int64_t{*channel}}, "rule");
}

Status DisplayInfoCenter(Operator& session, const Match&) {
  session.Show(kInfoCenterDisplay, session.device().monitor().info());
  return {};
}

Status DisplayBuffer(Operator& session, const Match& match) {
  BufferFilter filter;
  if (const auto level = match.Int("level")) filter.worst_level = static_cast<device::Severity>(*level);
  if (const auto newest = match.Int("newest")) filter.newest = static_cast<std::size_t>(*newest);
  const device::InfoKind kind = match.Has("logbuffer") ? device::InfoKind::kLog : device::InfoKind::kTrap;
  session.Show(kBufferDisplay, {session.device().monitor().info(), kind, filter});
  return {};
}

Status DisplayChannel(Operator& session, const Match& match) {
  const device::InfoSettings& settings = session.device().monitor().info().settings();
  if (NamesChannel(match)) {
    const Result<int> channel = ChannelOf(session, match);
    if (!channel.ok()) return channel.status();
    session.Show(kChannelsDisplay, {settings, {*channel}});
    return {};
  }
  std::vector<int> all;
  for (int channel = 0; channel < device::kInfoChannels; ++channel) all.push_back(channel);
  session.Show(kChannelsDisplay, {settings, all});
  return {};
}

Status ResetBuffer(Operator& session, const Match& match) {
  device::InfoCenter& info = session.device().monitor().info();
  match.Has("logbuffer") ? info.ResetLogBuffer() : info.ResetTrapBuffer();
  return {};
}

constexpr Views kSystem = In(View::kSystem);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kTable = "info_center";

#define SW_KIND(kind) \
  kind " { level <" kind "_level:names:severity> | state { on=" kind "_state | off=" kind "_state } }*"

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "undo info-center enable=disabled:1",
     .help = "Cancel current setting|Information centre|Records go nowhere",
     .run = Enable,
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center enable=disabled:NULL",
     .help = "Information centre|Records go where the channels say, the default",
     .run = Enable,
     .table = kTable,
     .offline = true},
    {.views = kSystem,
     .form = "info-center console channel { <console_channel> | <channel_name:info_channel.name> }",
     .help = "|Console|Channel it listens to|Number|Name",
     .run = SetOutput,
     .undo = "info-center console channel",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center monitor channel { <monitor_channel> | <channel_name:info_channel.name> }",
     .help = "|Terminals other than the console|Channel they listen to|Number|Name",
     .run = SetOutput,
     .undo = "info-center monitor channel",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center snmp channel { <snmp_channel> | <channel_name:info_channel.name> }",
     .help = "|SNMP agent|Channel it listens to|Number|Name",
     .run = SetOutput,
     .undo = "info-center snmp channel",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kSystem,
     .form = "info-center logbuffer { size <logbuffer_size> | channel { <logbuffer_channel> | "
             "<channel_name:info_channel.name> } }*",
     .help = "|Buffer of log lines|Lines it holds|{}|Channel it listens to|Number|Name",
     .run = SetOutput,
     .undo = "info-center logbuffer",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center trapbuffer { size <trapbuffer_size> | channel { "
             "<trapbuffer_channel> | <channel_name:info_channel.name> } }*",
     .help = "|Buffer of traps|Lines it holds|{}|Channel it listens to|Number|Name",
     .run = SetOutput,
     .undo = "info-center trapbuffer",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center loghost source <loghost_source:interface>",
     .help = "|Log hosts|Interface whose address packets carry",
     .undo = "info-center loghost source",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center timestamp log { date=timestamp_log:NULL | boot=timestamp_log | none=timestamp_log }",
     .help = "|Time stamps of lines|Of log lines|Date and time, the default|Time since the start|None",
     .undo = "info-center timestamp log",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center timestamp trap { date=timestamp_trap:NULL | boot=timestamp_trap | none=timestamp_trap }",
     .help = "||Of traps|Date and time, the default|Time since the start|None",
     .undo = "info-center timestamp trap",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center timestamp debugging { boot=timestamp_debugging:NULL | date=timestamp_debugging | "
             "none=timestamp_debugging }",
     .help = "||Of debugging output|Time since the start, the default|Date and time|None",
     .undo = "info-center timestamp debugging",
     .stores = kColumns,
     .table = kTable},
    {.views = kSystem,
     .form = "info-center channel <number> name <name>",
     .help = "|Channels|Number|Name it is called by|Name",
     .run = NameChannel,
     .undo = "info-center channel <number>",
     .undo_run = UnnameChannel,
     .stores = Stores::kList,
     .table = "info_channel"},
    {.views = kSystem,
     .form = "info-center source { <module> | default=module } channel { <channel> | "
             "<channel_name:info_channel.name> } { " SW_KIND("log") " | " SW_KIND("trap") " | " SW_KIND("debug") " }*",
     .help = "|What records channels let through|Module, as lines name it|All that have no rule of their own|Channel|"
             "Number|Name|Log lines|The least severe that pass|Severity|Whether they pass|They pass|They do not|Traps|"
             "The least severe that pass|Severity|Whether they pass|They pass|They do not|Debugging output|"
             "The least severe that pass|Severity|Whether they pass|They pass|They do not",
     .run = SetSource,
     .undo = "info-center source { <module> | default=module } channel { <channel> | "
             "<channel_name:info_channel.name> }",
     .undo_run = RemoveSource,
     .stores = Stores::kList,
     .table = "info_source"},
    {.views = kSystem,
     .form = "info-center loghost <address> [ channel { <channel> | <channel_name:info_channel.name> } | facility "
             "<facility:names:facility> | language { english=language:NULL | chinese=language } ]*",
     .help = "||Address of a log host|Channel it listens to|Number|Name|Facility of the lines' priority|"
             "{}|Language|English, the default|Chinese, which is stored only",
     .run = AddLogHost,
     .undo = "info-center loghost <address>",
     .undo_run = RemoveLogHost,
     .stores = Stores::kList,
     .table = "info_loghost"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display info-center",
     .help = "|Information centre",
     .run = DisplayInfoCenter,
     .shows = &kInfoCenterDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display logbuffer [ level <level:named:severity> | size <newest:int:1-1024> ]*",
     .help = "|Buffer of log lines|The least severe shown|Severity|The newest only|Lines",
     .run = DisplayBuffer,
     .shows = &kBufferDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display trapbuffer [ level <level:named:severity> | size <newest:int:1-1024> ]*",
     .help = "|Buffer of traps|The least severe shown|Severity|The newest only|Lines",
     .run = DisplayBuffer,
     .shows = &kBufferDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display channel [ <channel:info_channel.number> | <channel_name:info_channel.name> ]",
     .help = "|Channels and what they let through|Number|Name",
     .run = DisplayChannel,
     .shows = &kChannelsDisplay},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "reset logbuffer",
     .help = "Reset operation|Buffer of log lines",
     .run = ResetBuffer},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "reset trapbuffer",
     .help = "|Buffer of traps",
     .run = ResetBuffer},
};

}  // namespace

std::span<const Command> InfoCenterCommands() {
  return kCommands;
}

}  // namespace sw::cli
