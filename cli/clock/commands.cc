// The device's clock. Forms: Router 2.30 command list and H3C d_201803; arguments of the time zone are recollection.
// `clock datetime` lasts until the device starts again: then the machine's clock is right.
#include "cli/clock/displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/clock/local_time.h"
#include "device/device.h"

namespace sw::cli {
namespace {

constexpr std::string_view kFirstDate = "2000/01/01", kLastDate = "2035/12/31";

Status SetDateTime(Operator& session, const Match& match) {
  const std::string date = match.Text("date");
  if (date < kFirstDate || date > kLastDate) return {Code::kBadValue, "The year must be 2000 to 2035"};
  const std::optional<std::int64_t> day = device::SecondsOfDate(date);
  if (!day) return NoSuchDay();
  const std::int64_t time = match.Find("time") != nullptr ? *device::SecondsOfTime(match.Text("time"))
                                                          : *device::MinuteOf(match.Text("minute")) * 60;
  session.device().SetClock(*day + time);
  return {};
}

Status DisplayClock(Operator& session, const Match&) {
  const device::Device& device = session.device();
  session.Show(kClockDisplay, ClockView{device.clock(), device.wall_clock()});
  return {};
}

// They are typed in user view, and stand in the configuration, whose text is typed in system view.
constexpr Views kClockViews = In(View::kUser) | In(View::kSystem);

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .form = "clock datetime { <time:time> | <minute:hour-minute> } <date:date>",
     .help = "Specify the system clock|Specify the time and date|Time|Time|Date",
     .run = SetDateTime},
    {.views = kClockViews,
     .form = "clock timezone <zone> { add=zone_direction | minus=zone_direction } <zone_offset>",
     .help = "Specify the system clock|Specify the time zone|Name of the time zone|East of UTC|West of UTC|"
             "Difference from UTC",
     .undo = "clock timezone",
     .stores = Stores::kColumns,
     .table = "clock"},
    {.views = kClockViews,
     .form = "clock summer-time <summer_zone> { one-off=summer_form | repeating=summer_form } "
             "<summer_start_time> <summer_start_date> <summer_end_time> <summer_end_date> "
             "<summer_offset>",
     .help = "|Specify the summer time|Name of the summer time|Once|Every year from the first on|Time it begins|"
             "Day it begins|Time it ends|Day it ends|What the clock shows more",
     .undo = "clock summer-time",
     .stores = Stores::kColumns,
     .table = "clock"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display clock",
     .help = "|Clock status and configuration information",
     .run = DisplayClock,
     .shows = &kClockDisplay},
};

}  // namespace

std::span<const Command> ClockCommands() {
  return kCommands;
}

}  // namespace sw::cli
