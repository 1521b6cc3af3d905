#include "device/log/info_center.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sw::device {
namespace {

constexpr std::string_view kSeverities[] = {"emergencies", "alerts",        "critical",      "errors",
                                            "warnings",    "notifications", "informational", "debugging"};
constexpr std::string_view kKinds[] = {"log", "trap", "debugging"};
constexpr std::string_view kChannels[kInfoChannels] = {"console",   "monitor",  "loghost",  "trapbuffer", "logbuffer",
                                                       "snmpagent", "channel6", "channel7", "channel8",   "channel9"};

// What a channel lets through while nothing is configured. Logs and traps: reference page 68. Terminals let debugging
// through, so that `terminal debugging` alone shows it; buffers keep to their own kind: recollection.
InfoSettings::Rule DefaultRule(int channel, InfoKind kind) {
  const bool terminal = channel == kConsoleChannel || channel == kMonitorChannel;
  switch (kind) {
    case InfoKind::kLog:
      return {channel != kTrapBufferChannel && channel != kSnmpChannel, Severity::kInformational};
    case InfoKind::kTrap:
      return {channel != kLogBufferChannel, Severity::kInformational};
    case InfoKind::kDebug:
      return {terminal, Severity::kDebugging};
  }
  return {false, Severity::kEmergencies};
}

std::string DateText(std::int64_t seconds) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t t = seconds;
  std::tm tm{};
  gmtime_r(&t, &tm);
  return fmt::format("{} {:2} {:02}:{:02}:{:02} {}", kMonths[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                     tm.tm_year + 1900);
}

// Seconds and milliseconds since the start.
std::string BootText(Duration uptime) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(uptime).count();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string Stamp(InfoTimestamp form, const InfoRecord& record) {
  switch (form) {
    case InfoTimestamp::kDate:
      return DateText(record.local_time) + " ";
    case InfoTimestamp::kBoot:
      return BootText(record.uptime) + " ";
    case InfoTimestamp::kNone:
      break;
  }
  return {};
}

void Push(InfoCenter::Buffer& buffer, const InfoRecord& record, std::size_t size) {
  ++buffer.total;
  buffer.records.push_back(record);
  while (buffer.records.size() > size) {
    buffer.records.pop_front();
    ++buffer.overwritten;
  }
}

}  // namespace

std::string_view Name(Severity severity) {
  return kSeverities[static_cast<std::size_t>(severity) - 1];
}

std::optional<Severity> SeverityOf(std::string_view name) {
  const auto* it = std::ranges::find(kSeverities, name);
  if (it == std::end(kSeverities)) return std::nullopt;
  return static_cast<Severity>(it - std::begin(kSeverities) + 1);
}

std::string_view Name(InfoKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view DefaultChannelName(int channel) {
  return kChannels[channel];
}

std::string InfoSettings::ChannelName(int channel) const {
  const auto it = channel_names.find(channel);
  return it == channel_names.end() ? std::string(DefaultChannelName(channel)) : it->second;
}

std::optional<int> InfoSettings::ChannelOf(std::string_view text) const {
  for (int channel = 0; channel < kInfoChannels; ++channel)
    if (text == ChannelName(channel) || text == std::to_string(channel)) return channel;
  return std::nullopt;
}

InfoSettings::Rule InfoSettings::RuleOf(int channel, std::string_view module, InfoKind kind) const {
  Rule rule = DefaultRule(channel, kind);
  const auto index = static_cast<std::size_t>(kind);
  for (const std::string& name : {std::string(), std::string(module)}) {
    const auto it = filters.find({channel, name});
    if (it == filters.end()) continue;
    rule.on = it->second.on[index].value_or(rule.on);
    rule.level = it->second.level[index].value_or(rule.level);
  }
  return rule;
}

void InfoCenter::Configure(InfoSettings settings) {
  settings_ = std::move(settings);
  auto shrink = [](Buffer& buffer, std::size_t size) {
    while (buffer.records.size() > size) {
      buffer.records.pop_front();
      ++buffer.overwritten;
    }
  };
  shrink(log_buffer_, settings_.log_buffer_size);
  shrink(trap_buffer_, settings_.trap_buffer_size);
}

bool InfoCenter::Passes(int channel, const InfoRecord& record) const {
  if (!settings_.enabled) return false;
  const InfoSettings::Rule rule = settings_.RuleOf(channel, record.module, record.kind);
  return rule.on && record.severity <= rule.level;
}

std::string InfoCenter::Line(const InfoRecord& record) const {
  constexpr char kMarks[kInfoKinds] = {'%', '#', '*'};
  const auto kind = static_cast<std::size_t>(record.kind);
  return fmt::format("{}{}{} {}/{}/{}:{}", kMarks[kind], Stamp(settings_.timestamps[kind], record), record.sysname,
                     record.module, static_cast<int>(record.severity), record.digest, record.text);
}

std::string InfoCenter::SyslogLine(const InfoRecord& record, const LogHost& host) const {
  const auto kind = static_cast<std::size_t>(record.kind);
  return fmt::format("<{}>{}{} {}/{}/{}:{}", host.facility * 8 + static_cast<int>(record.severity) - 1,
                     Stamp(settings_.timestamps[kind], record), record.sysname, record.module,
                     static_cast<int>(record.severity), record.digest, record.text);
}

void InfoCenter::Store(const InfoRecord& record) {
  if (Passes(settings_.log_buffer, record)) Push(log_buffer_, record, settings_.log_buffer_size);
  if (Passes(settings_.trap_buffer, record)) Push(trap_buffer_, record, settings_.trap_buffer_size);
}

}  // namespace sw::device
