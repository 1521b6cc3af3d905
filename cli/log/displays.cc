#include "cli/log/displays.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/clock/displays.h"

namespace sw::cli {
namespace {

using device::InfoCenter;
using device::InfoKind;
using device::InfoSettings;

struct OutputView {
  const InfoSettings& settings;
  int channel;
};
constexpr auto kOutput = Fields<OutputView>({
    {"channel", "Number", [](auto& v) { return v.channel; }},
    {"channel_name", "Name", [](auto& v) { return v.settings.ChannelName(v.channel); }},
});
#define SW_CHANNEL "channel number : {channel}, channel name : {channel_name}"

struct HostView {
  const InfoSettings& settings;
  const device::LogHost& host;
};
constexpr auto kHost = Fields<HostView>({
    {"address", "Log host", [](auto& v) { return v.host.address; }},
    {"channel", "Number", [](auto& v) { return v.host.channel; }},
    {"channel_name", "Name", [](auto& v) { return v.settings.ChannelName(v.host.channel); }},
    {"facility", "local0 to local7, as a number", [](auto& v) { return v.host.facility - 16; }},
});
ListOf<kHost> Hosts(const InfoSettings& settings) {
  std::vector<HostView> out;
  for (const device::LogHost& host : settings.hosts) out.push_back({settings, host});
  return List<kHost>(out);
}

struct SizeView {
  const InfoSettings& settings;
  int channel;
  const InfoCenter::Buffer& buffer;
  std::size_t most;
};
constexpr auto kSize = Fields<SizeView>({
    {"max_size", "Lines at most", [](auto& v) { return v.most; }},
    {"messages", "Lines", [](auto& v) { return v.buffer.records.size(); }},
    {"overwritten", "Lines that are gone", [](auto& v) { return v.buffer.overwritten; }},
    {"channel", "Number", [](auto& v) { return v.channel; }},
    {"channel_name", "Name", [](auto& v) { return v.settings.ChannelName(v.channel); }},
});
std::string_view StampName(device::InfoTimestamp stamp) {
  constexpr std::string_view kNames[] = {"date", "boot", "none"};
  return kNames[static_cast<std::size_t>(stamp)];
}
PartOf<kSize> LogSize(const InfoCenter& info) {
  return Part1<kSize>(
      {info.settings(), info.settings().log_buffer, info.log_buffer(), info.settings().log_buffer_size});
}
PartOf<kSize> TrapSize(const InfoCenter& info) {
  return Part1<kSize>(
      {info.settings(), info.settings().trap_buffer, info.trap_buffer(), info.settings().trap_buffer_size});
}

constexpr auto kInfoCenter = Fields<InfoCenter>({
    {"enabled", "It takes messages", [](auto& v) { return v.settings().enabled; }},
    {"host_source", "Interface whose address lines to hosts come from, or empty",
     [](auto& v) { return v.settings().host_source; }},
    {"hosts", "Log hosts", [](auto& v) { return Hosts(v.settings()); }},
    {"console", "Output",
     [](auto& v) {
       return Part1<kOutput>({v.settings(), v.settings().console});
     }},
    {"monitor", "Output",
     [](auto& v) {
       return Part1<kOutput>({v.settings(), v.settings().monitor});
     }},
    {"snmp", "Output",
     [](auto& v) {
       return Part1<kOutput>({v.settings(), v.settings().snmp});
     }},
    {"log_buffer", "Output", [](auto& v) { return LogSize(v); }},
    {"trap_buffer", "Output", [](auto& v) { return TrapSize(v); }},
    {"log_timestamp", "date, boot or none", [](auto& v) { return StampName(v.settings().timestamps[0]); }},
    {"trap_timestamp", "date, boot or none", [](auto& v) { return StampName(v.settings().timestamps[1]); }},
    {"debug_timestamp", "date, boot or none", [](auto& v) { return StampName(v.settings().timestamps[2]); }},
});

struct RecordView {
  const InfoCenter& info;
  const device::InfoRecord& record;
};
constexpr auto kRecord = Fields<RecordView>({
    {"time", "Local time, ISO 8601", [](auto& v) { return IsoText(v.record.local_time); }},
    {"severity", "Severity", [](auto& v) { return Name(v.record.severity); }},
    {"module", "Module", [](auto& v) { return v.record.module; }},
    {"digest", "What happened", [](auto& v) { return v.record.digest; }},
    {"text", "In words", [](auto& v) { return v.record.text; }},
    {"shown", "As it is written to a terminal", [](auto& v) { return v.info.Line(v.record); }},
});
bool IsLog(const BufferView& view) {
  return view.kind == InfoKind::kLog;
}
int ChannelOf(const BufferView& view) {
  return IsLog(view) ? view.info.settings().log_buffer : view.info.settings().trap_buffer;
}
const InfoCenter::Buffer& BufferOf(const BufferView& view) {
  return IsLog(view) ? view.info.log_buffer() : view.info.trap_buffer();
}
ListOf<kRecord> Records(const BufferView& view) {
  std::vector<RecordView> out;
  for (const device::InfoRecord& record : BufferOf(view).records)
    if (!view.filter.worst_level || record.severity <= *view.filter.worst_level) out.push_back({view.info, record});
  const std::size_t first = out.size() - std::min(out.size(), view.filter.newest);
  return List<kRecord>(std::span(out).subspan(first));
}
constexpr auto kBuffer = Fields<BufferView>({
    {"kind", "Logging or Trapping", [](auto& v) { return IsLog(v) ? "Logging" : "Trapping"; }},
    {"enabled", "The information centre takes messages", [](auto& v) { return v.info.settings().enabled; }},
    {"size", "Lines at most",
     [](auto& v) { return IsLog(v) ? v.info.settings().log_buffer_size : v.info.settings().trap_buffer_size; }},
    {"channel", "Number", [](auto& v) { return ChannelOf(v); }},
    {"channel_name", "Name", [](auto& v) { return v.info.settings().ChannelName(ChannelOf(v)); }},
    {"overwritten", "Lines that are gone", [](auto& v) { return BufferOf(v).overwritten; }},
    {"messages", "Lines in the buffer", [](auto& v) { return BufferOf(v).records.size(); }},
    {"records", "Those that the line asks for, the newest last", [](auto& v) { return Records(v); }},
});

struct ModuleView {
  const InfoSettings& settings;
  int channel;
  std::string module;  // empty: of no rule of its own
  InfoSettings::Rule Of(InfoKind kind) const { return settings.RuleOf(channel, module, kind); }
};
std::string_view OnOff(bool on) {
  return on ? "on" : "off";
}
constexpr auto kModule = Fields<ModuleView>({
    {"module", "default: without a rule of its own",
     [](auto& v) { return v.module.empty() ? std::string("default") : v.module; }},
    {"log", "on or off", [](auto& v) { return OnOff(v.Of(InfoKind::kLog).on); }},
    {"log_level", "Severity", [](auto& v) { return Name(v.Of(InfoKind::kLog).level); }},
    {"trap", "on or off", [](auto& v) { return OnOff(v.Of(InfoKind::kTrap).on); }},
    {"trap_level", "Severity", [](auto& v) { return Name(v.Of(InfoKind::kTrap).level); }},
    {"debug", "on or off", [](auto& v) { return OnOff(v.Of(InfoKind::kDebug).on); }},
    {"debug_level", "Severity", [](auto& v) { return Name(v.Of(InfoKind::kDebug).level); }},
});
ListOf<kModule> Modules(const OutputView& view) {
  std::vector<ModuleView> out = {{view.settings, view.channel, ""}};
  for (const auto& [key, filter] : view.settings.filters)
    if (key.first == view.channel && !key.second.empty()) out.push_back({view.settings, view.channel, key.second});
  return List<kModule>(out);
}
constexpr auto kChannel = Fields<OutputView>({
    {"channel", "Number", [](auto& v) { return v.channel; }},
    {"channel_name", "Name", [](auto& v) { return v.settings.ChannelName(v.channel); }},
    {"modules", "What it lets through", [](auto& v) { return Modules(v); }},
});
ListOf<kChannel> Channels(const ChannelsView& view) {
  std::vector<OutputView> out;
  for (const int channel : view.channels) out.push_back({view.settings, channel});
  return List<kChannel>(out);
}
constexpr auto kChannels = Fields<ChannelsView>({
    {"channels", "By number", [](auto& v) { return Channels(v); }},
});

constexpr auto kDebugging = Fields<DebuggingView>({
    {"on", "Words of the switches that are on", [](auto& v) { return v; }},
});

}  // namespace

constexpr DisplayOf<InfoCenter> kInfoCenterDisplay(
    kInfoCenter,
    "Information Center: {?enabled}enabled{:}disabled{/}\n"
    "Log host:\n"
    "{?host_source}    the interface name of the source address : {host_source}\n{/}"
    "{*hosts}    {address}, " SW_CHANNEL
    ", language : english, host facility : local{facility}\n{/}"
    "Console:\n    {*console}" SW_CHANNEL
    "{/}\n"
    "Monitor:\n    {*monitor}" SW_CHANNEL
    "{/}\n"
    "SNMP Agent:\n    {*snmp}" SW_CHANNEL
    "{/}\n"
    "Log buffer:\n{*log_buffer}    log buffer max size {max_size}, current messages {messages}, overwritten messages "
    "{overwritten}\n    " SW_CHANNEL
    "\n{/}"
    "Trap buffer:\n{*trap_buffer}    trap buffer max size {max_size}, current messages {messages}, overwritten "
    "messages "
    "{overwritten}\n    " SW_CHANNEL
    "\n{/}"
    "Information timestamp setting:\n"
    "    log - {log_timestamp}, trap - {trap_timestamp}, debug - {debug_timestamp}\n");
constexpr DisplayOf<BufferView> kBufferDisplay(
    kBuffer,
    "{kind} buffer configuration and contents:{?enabled}enabled{:}disabled{/}\n"
    "Allowed max buffer size : 1024\n"
    "Actual buffer size : {size}\n"
    "Channel number : {channel} , Channel name : {channel_name}\n"
    "Overwritten messages : {overwritten}\n"
    "Current messages : {messages}\n\n"
    "{*records}{shown}\n{/}");
constexpr DisplayOf<ChannelsView> kChannelsDisplay(
    kChannels,
    "{*channels}{,}\n{/}channel number:{channel}, channel name:{channel_name}\n"
    "MODULE     LOG    LEVEL          TRAP   LEVEL          DEBUG  LEVEL\n"
    "{*modules}{module:10} {log:6} {log_level:14} {trap:6} {trap_level:14} {debug:6} {debug_level}\n{/}{/}");
constexpr DisplayOf<DebuggingView> kDebuggingDisplay(kDebugging, "{*on}{.} debugging is on\n{/}");

}  // namespace sw::cli
