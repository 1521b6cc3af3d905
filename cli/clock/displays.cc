#include "cli/clock/displays.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>

namespace sw::cli {
namespace {

std::tm Parts(std::int64_t seconds) {
  return fmt::gmtime(static_cast<std::time_t>(seconds));
}

std::string OffsetText(std::int64_t seconds) {
  return fmt::format("{:%H:%M:%S}", Parts(std::abs(seconds)));
}
std::string ShownText(const ClockView& v) {
  const std::tm now = Parts(v.clock.Local(v.machine));
  return fmt::format("{:%H:%M:%S} {} {:%a %m/%d/%Y}", now, v.clock.ZoneName(v.machine), now);
}
std::string ZoneRule(const ClockView& v) {
  const auto& zone = v.clock.zone();
  if (!zone) return {};
  return fmt::format("{} {} {}", zone->name, zone->offset < 0 ? "minus" : "add", OffsetText(zone->offset));
}
std::string SummerRule(const ClockView& v) {
  const auto& summer = v.clock.summer();
  if (!summer) return {};
  const std::tm start = Parts(summer->start), end = Parts(summer->end);
  const std::string offset = OffsetText(summer->offset);
  if (summer->repeating)
    return fmt::format("{} {:%H:%M:%S %m/%d} {:%H:%M:%S %m/%d} {}", summer->name, start, end, offset);
  return fmt::format("{} {:%H:%M:%S %m/%d/%Y} {:%H:%M:%S %m/%d/%Y} {}", summer->name, start, end, offset);
}

constexpr auto kClock = Fields<ClockView>({
    {"local", "Date and time that the clock shows, ISO 8601",
     [](auto& v) { return IsoText(v.clock.Local(v.machine)); }},
    {"utc", "Date and time in UTC", [](auto& v) { return IsoText(v.clock.Utc(v.machine)); }},
    {"zone", "Name of the time zone or summer time", [](auto& v) { return v.clock.ZoneName(v.machine); }},
    {"summer_time", "Whether summer time holds", [](auto& v) { return v.clock.SummerNow(v.machine); }},
    {"shown", "The local time as the text says it", [](auto& v) { return ShownText(v); }},
    {"zone_rule", "Name and offset of the time zone, or empty", [](auto& v) { return ZoneRule(v); }},
    {"summer_rule", "Name, begin, end and offset of summer time, or empty", [](auto& v) { return SummerRule(v); }},
});

using Reboot = std::optional<RebootView>;
constexpr auto kReboot = Fields<Reboot>({
    {"scheduled", "Whether one is to come", [](auto& v) { return v.has_value(); }},
    {"at", "Local time, ISO 8601, or empty", [](auto& v) { return v ? IsoText(v->at) : std::string(); }},
    {"minutes", "Until then", [](auto& v) { return v ? v->minutes : 0; }},
    {"shown", "As the text says it, or empty", [](auto& v) { return v ? RebootText(*v) : std::string(); }},
});

}  // namespace

constexpr DisplayOf<ClockView> kClockDisplay(
    kClock, "{shown}\n{?zone_rule}Time Zone : {zone_rule}\n{/}{?summer_rule}Summer Time : {summer_rule}\n{/}");
constexpr DisplayOf<Reboot> kRebootDisplay(kReboot,
                                           "{?scheduled}System will reboot at {shown}\n{:}No reboot is scheduled\n{/}");

std::string RebootText(const RebootView& view) {
  const std::tm at = Parts(view.at);
  return fmt::format("{:%H:%M:%S} {} {}/{}/{} (in {} hours and {} minutes)", at, view.zone, at.tm_year + 1900,
                     at.tm_mon + 1, at.tm_mday, view.minutes / 60, view.minutes % 60);
}

std::string DateTimeText(std::int64_t local) {
  return fmt::format("{:%b %d %Y %H:%M:%S}", Parts(local));
}

std::string IsoText(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}", Parts(seconds));
}

}  // namespace sw::cli
