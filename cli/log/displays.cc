#include "cli/log/displays.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sw::cli {
namespace {

using device::InfoKind;

std::string Channel(const device::InfoSettings& settings, int channel) {
  return fmt::format("channel number : {}, channel name : {}", channel, settings.ChannelName(channel));
}

std::string_view StampName(device::InfoTimestamp stamp) {
  constexpr std::string_view kNames[] = {"date", "boot", "none"};
  return kNames[static_cast<std::size_t>(stamp)];
}

std::string Size(const char* name, const device::InfoCenter::Buffer& buffer, std::size_t most) {
  return fmt::format("    {} max size {}, current messages {}, overwritten messages {}\n", name, most,
                     buffer.records.size(), buffer.overwritten);
}

}  // namespace

std::string InfoCenterText(const device::InfoCenter& info) {
  const device::InfoSettings& settings = info.settings();
  std::string out = fmt::format("Information Center: {}\n", settings.enabled ? "enabled" : "disabled");
  out += "Log host:\n";
  if (!settings.host_source.empty())
    out += fmt::format("    the interface name of the source address : {}\n", settings.host_source);
  for (const device::LogHost& host : settings.hosts)
    out += fmt::format("    {}, {}, language : english, host facility : local{}\n", host.address.ToString(),
                       Channel(settings, host.channel), host.facility - 16);
  out += fmt::format("Console:\n    {}\nMonitor:\n    {}\nSNMP Agent:\n    {}\n", Channel(settings, settings.console),
                     Channel(settings, settings.monitor), Channel(settings, settings.snmp));
  out += "Log buffer:\n" + Size("log buffer", info.log_buffer(), settings.log_buffer_size);
  out += fmt::format("    {}\n", Channel(settings, settings.log_buffer));
  out += "Trap buffer:\n" + Size("trap buffer", info.trap_buffer(), settings.trap_buffer_size);
  out += fmt::format("    {}\n", Channel(settings, settings.trap_buffer));
  out += "Information timestamp setting:\n";
  return out + fmt::format("    log - {}, trap - {}, debug - {}\n", StampName(settings.timestamps[0]),
                           StampName(settings.timestamps[1]), StampName(settings.timestamps[2]));
}

std::string BufferText(const device::InfoCenter& info, InfoKind kind, const BufferFilter& filter) {
  const bool log = kind == InfoKind::kLog;
  const auto& buffer = log ? info.log_buffer() : info.trap_buffer();
  const device::InfoSettings& settings = info.settings();
  const char* name = log ? "Logging" : "Trapping";
  std::string out =
      fmt::format("{} buffer configuration and contents:{}\n", name, settings.enabled ? "enabled" : "disabled");
  out += fmt::format("Allowed max buffer size : 1024\nActual buffer size : {}\n",
                     log ? settings.log_buffer_size : settings.trap_buffer_size);
  const int channel = log ? settings.log_buffer : settings.trap_buffer;
  out += fmt::format("Channel number : {} , Channel name : {}\n", channel, settings.ChannelName(channel));
  out += fmt::format("Overwritten messages : {}\nCurrent messages : {}\n\n", buffer.overwritten, buffer.records.size());
  std::vector<const device::InfoRecord*> shown;
  for (const device::InfoRecord& record : buffer.records)
    if (!filter.worst_level || record.severity <= *filter.worst_level) shown.push_back(&record);
  const std::size_t first = shown.size() - std::min(shown.size(), filter.newest);
  for (std::size_t i = first; i < shown.size(); ++i) out += info.Line(*shown[i]) + "\n";
  return out;
}

std::string ChannelText(const device::InfoSettings& settings, int channel) {
  std::string out = fmt::format("channel number:{}, channel name:{}\n", channel, settings.ChannelName(channel));
  out += fmt::format("{:<10} {:<6} {:<14} {:<6} {:<14} {:<6} {}\n", "MODULE", "LOG", "LEVEL", "TRAP", "LEVEL", "DEBUG",
                     "LEVEL");
  std::vector<std::string> modules = {""};
  for (const auto& [key, filter] : settings.filters)
    if (key.first == channel && !key.second.empty()) modules.push_back(key.second);
  for (const std::string& module : modules) {
    std::string line = fmt::format("{:<10}", module.empty() ? "default" : module);
    for (const InfoKind kind : {InfoKind::kLog, InfoKind::kTrap, InfoKind::kDebug}) {
      const device::InfoSettings::Rule rule = settings.RuleOf(channel, module, kind);
      line += fmt::format(" {:<6} {:<14}", rule.on ? "on" : "off", Name(rule.level));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace sw::cli
