#include "device/log/values.h"

#include <array>
#include <set>
#include <utility>

#include "device/config/columns.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Row;

InfoTimestamp TimestampOf(const Row& row, std::string_view column, InfoTimestamp preset) {
  const std::string word = row.TextOr(column, "");
  if (word == "date") return InfoTimestamp::kDate;
  if (word == "boot") return InfoTimestamp::kBoot;
  if (word == "none") return InfoTimestamp::kNone;
  return preset;
}

}  // namespace

void TakeInfoCenter(const Key&, Rows rows, InfoSettings& out, bool& changed) {
  changed = true;
  const InfoSettings preset;
  static const Row kNone;
  const Row& row = rows.empty() ? kNone : rows.front();
  out.enabled = row.IntOr("disabled", 0) == 0;
  out.console = IntOf(row, "console_channel", preset.console);
  out.monitor = IntOf(row, "monitor_channel", preset.monitor);
  out.snmp = IntOf(row, "snmp_channel", preset.snmp);
  out.log_buffer = IntOf(row, "logbuffer_channel", preset.log_buffer);
  out.trap_buffer = IntOf(row, "trapbuffer_channel", preset.trap_buffer);
  out.log_buffer_size = static_cast<std::size_t>(IntOf(row, "logbuffer_size", int(preset.log_buffer_size)));
  out.trap_buffer_size = static_cast<std::size_t>(IntOf(row, "trapbuffer_size", int(preset.trap_buffer_size)));
  out.host_source = row.TextOr("loghost_source", "");
  constexpr std::array<std::string_view, kInfoKinds> kStamps = {"timestamp_log", "timestamp_trap",
                                                                "timestamp_debugging"};
  for (std::size_t kind = 0; kind < kInfoKinds; ++kind)
    out.timestamps[kind] = TimestampOf(row, kStamps[kind], preset.timestamps[kind]);
}

void TakeInfoChannels(const Key&, Rows all, InfoSettings& out, bool& changed) {
  changed = true;
  out.channel_names.clear();
  for (const Row& row : all) out.channel_names[IntOf(row, "number", 0)] = row.TextOr("name", "");
}

void TakeInfoLogHosts(const Key&, Rows all, InfoSettings& out, bool& changed) {
  changed = true;
  out.hosts.clear();
  for (const Row& row : all) {
    LogHost host{.address = AddressOf(row, "address")};
    host.channel = IntOf(row, "channel", host.channel);
    host.facility = IntOf(row, "facility", host.facility);
    out.hosts.push_back(host);
  }
}

void TakeInfoSources(const Key&, Rows all, InfoSettings& out, bool& changed) {
  changed = true;
  out.filters.clear();
  for (const Row& row : all) {
    const std::string module = row.TextOr("module", "");
    InfoFilter& filter = out.filters[{IntOf(row, "channel", 0), module == "default" ? "" : module}];
    constexpr std::array<std::string_view, kInfoKinds> kKinds = {"log", "trap", "debug"};
    for (std::size_t kind = 0; kind < kInfoKinds; ++kind) {
      const std::string name(kKinds[kind]);
      if (const auto state = row.Text(name + "_state")) filter.on[kind] = *state == "on";
      if (const auto level = row.Int(name + "_level")) filter.level[kind] = static_cast<Severity>(*level);
    }
  }
}

Result<InfoSettings> LoadInfoCenter(const configdb::Store& store) {
  InfoSettings out;
  bool changed = false;
  constexpr std::pair<std::string_view, decltype(&TakeInfoCenter)> kTables[] = {{"info_center", TakeInfoCenter},
                                                                                {"info_channel", TakeInfoChannels},
                                                                                {"info_loghost", TakeInfoLogHosts},
                                                                                {"info_source", TakeInfoSources}};
  for (const auto& [table, take] : kTables) {
    const Result<std::vector<Row>> rows = store.Rows(table);
    if (!rows.ok()) return rows.status();
    take({}, *rows, out, changed);
  }
  return out;
}

Status ValidateInfoCenter(const InfoSettings& info) {
  if (info.hosts.size() > kMaxLogHosts) return {Code::kBadValue, "There are four log hosts already"};
  std::set<std::string> names;
  for (int channel = 0; channel < kInfoChannels; ++channel)
    if (!names.insert(info.ChannelName(channel)).second)
      return {Code::kExists, "Another channel has the name " + info.ChannelName(channel)};
  return {};
}

}  // namespace sw::device
