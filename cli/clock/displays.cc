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

}  // namespace

std::string RebootText(const RebootView& view) {
  const std::tm at = Parts(view.at);
  return fmt::format("{:%H:%M:%S} {} {}/{}/{} (in {} hours and {} minutes)", at, view.zone, at.tm_year + 1900,
                     at.tm_mon + 1, at.tm_mday, view.minutes / 60, view.minutes % 60);
}

std::string DateTimeText(std::int64_t local) {
  return fmt::format("{:%b %d %Y %H:%M:%S}", Parts(local));
}

std::string ClockText(const device::DeviceClock& clock, std::int64_t machine) {
  const std::tm now = Parts(clock.Local(machine));
  std::string out = fmt::format("{:%H:%M:%S} {} {:%a %m/%d/%Y}\n", now, clock.ZoneName(machine), now);
  if (const auto& zone = clock.zone())
    out +=
        fmt::format("Time Zone : {} {} {}\n", zone->name, zone->offset < 0 ? "minus" : "add", OffsetText(zone->offset));
  if (const auto& summer = clock.summer()) {
    const std::tm start = Parts(summer->start), end = Parts(summer->end);
    if (summer->repeating) {
      out += fmt::format("Summer Time : {} {:%H:%M:%S %m/%d} {:%H:%M:%S %m/%d} {}\n", summer->name, start, end,
                         OffsetText(summer->offset));
    } else {
      out += fmt::format("Summer Time : {} {:%H:%M:%S %m/%d/%Y} {:%H:%M:%S %m/%d/%Y} {}\n", summer->name, start, end,
                         OffsetText(summer->offset));
    }
  }
  return out;
}

}  // namespace sw::cli
