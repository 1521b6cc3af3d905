#include "device/system/values.h"

#include <algorithm>
#include <array>
#include <set>

#include "device/config/columns.h"

namespace sw::device {
namespace {

std::int64_t Moment(const configdb::Row& row, std::string_view date, std::string_view time) {
  return SecondsOfDate(row.TextOr(date, "")).value_or(0) + SecondsOfTime(row.TextOr(time, "")).value_or(0);
}

InfoTimestamp TimestampOf(const configdb::Row& row, std::string_view column, InfoTimestamp preset) {
  const std::string word = row.TextOr(column, "");
  if (word == "date") return InfoTimestamp::kDate;
  if (word == "boot") return InfoTimestamp::kBoot;
  if (word == "none") return InfoTimestamp::kNone;
  return preset;
}

}  // namespace

Result<ClockConfig> LoadClock(const configdb::Store& store) {
  ClockConfig out;
  SW_TRY(EachRow(store, "clock", [&](const configdb::Row& row) {
    if (row.Text("zone")) {
      const std::int64_t offset = SecondsOfTime(row.TextOr("zone_offset", "")).value_or(0);
      out.zone = TimeZone{*row.Text("zone"), row.Text("zone_direction") == "minus" ? -offset : offset};
    }
    if (!row.Text("summer_zone")) return;
    out.summer = SummerTime{*row.Text("summer_zone"), row.Text("summer_form") == "repeating",
                            Moment(row, "summer_start_date", "summer_start_time"),
                            Moment(row, "summer_end_date", "summer_end_time"),
                            SecondsOfTime(row.TextOr("summer_offset", "")).value_or(0)};
  }));
  return out;
}

Status ValidateClock(const ClockConfig& clock) {
  if (clock.summer && clock.summer->end <= clock.summer->start)
    return {Code::kBadValue, "The summer time ends before it begins"};
  return {};
}

Result<InfoSettings> LoadInfoCenter(const configdb::Store& store) {
  InfoSettings out;
  SW_TRY(EachRow(store, "info_center", [&](const configdb::Row& row) {
    out.enabled = row.IntOr("disabled", 0) == 0;
    out.console = IntOf(row, "console_channel", out.console);
    out.monitor = IntOf(row, "monitor_channel", out.monitor);
    out.snmp = IntOf(row, "snmp_channel", out.snmp);
    out.log_buffer = IntOf(row, "logbuffer_channel", out.log_buffer);
    out.trap_buffer = IntOf(row, "trapbuffer_channel", out.trap_buffer);
    out.log_buffer_size = static_cast<std::size_t>(IntOf(row, "logbuffer_size", int(out.log_buffer_size)));
    out.trap_buffer_size = static_cast<std::size_t>(IntOf(row, "trapbuffer_size", int(out.trap_buffer_size)));
    out.host_source = row.TextOr("loghost_source", "");
    constexpr std::array<std::string_view, kInfoKinds> kStamps = {"timestamp_log", "timestamp_trap",
                                                                  "timestamp_debugging"};
    for (std::size_t kind = 0; kind < kInfoKinds; ++kind)
      out.timestamps[kind] = TimestampOf(row, kStamps[kind], out.timestamps[kind]);
  }));
  SW_TRY(EachRow(store, "info_channel", [&](const configdb::Row& row) {
    out.channel_names[IntOf(row, "number", 0)] = row.TextOr("name", "");
  }));
  SW_TRY(EachRow(store, "info_loghost", [&](const configdb::Row& row) {
    LogHost host{.address = AddressOf(row, "address")};
    host.channel = IntOf(row, "channel", host.channel);
    host.facility = IntOf(row, "facility", host.facility);
    out.hosts.push_back(host);
  }));
  SW_TRY(EachRow(store, "info_source", [&](const configdb::Row& row) {
    const std::string module = row.TextOr("module", "");
    InfoFilter& filter = out.filters[{IntOf(row, "channel", 0), module == "default" ? "" : module}];
    constexpr std::array<std::string_view, kInfoKinds> kKinds = {"log", "trap", "debug"};
    for (std::size_t kind = 0; kind < kInfoKinds; ++kind) {
      const std::string name(kKinds[kind]);
      if (const auto state = row.Text(name + "_state")) filter.on[kind] = *state == "on";
      if (const auto level = row.Int(name + "_level")) filter.level[kind] = static_cast<Severity>(*level);
    }
  }));
  return out;
}

Status ValidateInfoCenter(const InfoSettings& settings) {
  if (settings.hosts.size() > kMaxLogHosts) return {Code::kBadValue, "There are four log hosts already"};
  std::set<std::string> names;
  for (int channel = 0; channel < kInfoChannels; ++channel)
    if (!names.insert(settings.ChannelName(channel)).second)
      return {Code::kExists, "Another channel has the name " + settings.ChannelName(channel)};
  return {};
}

}  // namespace sw::device
