#include "device/system/values.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Row;

std::int64_t Moment(const Row& row, std::string_view date, std::string_view time) {
  return SecondsOfDate(row.TextOr(date, "")).value_or(0) + SecondsOfTime(row.TextOr(time, "")).value_or(0);
}

ClockConfig ClockOf(const Row& row) {
  ClockConfig out;
  if (row.Text("zone")) {
    const std::int64_t offset = SecondsOfTime(row.TextOr("zone_offset", "")).value_or(0);
    out.zone = TimeZone{*row.Text("zone"), row.Text("zone_direction") == "minus" ? -offset : offset};
  }
  if (!row.Text("summer_zone")) return out;
  out.summer = SummerTime{*row.Text("summer_zone"), row.Text("summer_form") == "repeating",
                          Moment(row, "summer_start_date", "summer_start_time"),
                          Moment(row, "summer_end_date", "summer_end_time"),
                          SecondsOfTime(row.TextOr("summer_offset", "")).value_or(0)};
  return out;
}

}  // namespace

void TakeSystem(const Key&, Rows rows, SystemConfig& config, SystemDelta& delta) {
  config.sysname = rows.empty() ? kDefaultSysname : rows.front().TextOr("sysname", kDefaultSysname);
  delta.sysname = true;
}

void TakeClock(const Key&, Rows rows, SystemConfig& config, SystemDelta& delta) {
  config.clock = rows.empty() ? ClockConfig() : ClockOf(rows.front());
  delta.clock = true;
}

Status ValidateSystem(const SystemConfig& config, const SystemDelta& delta) {
  if (delta.info_center) SW_TRY(ValidateInfoCenter(config.info_center));
  if (delta.clock && config.clock.summer && config.clock.summer->end <= config.clock.summer->start)
    return {Code::kBadValue, "The summer time ends before it begins"};
  return {};
}

}  // namespace sw::device
