// `schedule reboot`. Source: S8500 command manual page 1040: forms, the most, question, gone when the clock changes;
// the display is our own.
#include <fmt/format.h>

#include "cli/clock/displays.h"
#include "cli/configuration/startup.h"
#include "cli/grammar/words.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/clock/device_clock.h"
#include "device/device.h"
#include "device/log/monitor.h"
#include "device/system/reboot_schedule.h"

namespace sw::cli {
namespace {

using device::RebootSchedule;

RebootView ViewOf(Operator& session, device::LocalTime at, Duration left) {
  const device::Device& device = session.device();
  return {at, device.clock().ZoneName(device.wall_clock()),
          std::chrono::duration_cast<std::chrono::minutes>(left).count()};
}

// When the time has come, nobody needs to be there.
std::function<void()> Order(Operator& session) {
  device::Device& device = session.device();
  const configdb::Origin origin{session.seat().options().who, "schedule reboot", {}};
  return [&device, &grammar = session.grammar(), origin, lines = session.seat().options().lines, &seat = session.seat(),
          alive = session.seat().alive()] {
    const Status done = StartAnew(device, grammar, origin);
    if (!done.ok()) return device.monitor().Log(device::Severity::kErrors, "CFM", "REBOOT", done.why());
    if (lines != nullptr) {
      lines->HangUp({}, 0);
    } else if (!alive.expired()) {
      seat.HangUp();
    }
  };
}

Status Schedule(Operator& session, device::LocalTime at, Duration left) {
  const RebootView view = ViewOf(session, at, left);
  return session.Ask(fmt::format("Reboot system for {}\nConfirm? [Y/N]:", RebootText(view)), "y",
                     [&session, at, left](std::string_view answer) -> Status {
                       if (Yes(answer)) session.device().reboot_schedule().Arm(at, left, Order(session));
                       return {};
                     });
}

Status ScheduleAt(Operator& session, const Match& match) {
  constexpr std::int64_t kDay = 86400;
  const device::LocalTime now = session.device().local_time();
  const std::int64_t minute = *device::MinuteOf(match.Text("time")) * 60;
  device::LocalTime at = now - now % kDay + minute;
  if (match.Find("date") != nullptr) {
    const std::optional<std::int64_t> day = device::SecondsOfDate(match.Text("date"));
    if (!day) return NoSuchDay();
    at = *day + minute;
  } else if (at <= now) {
    at += kDay;
  }
  if (at <= now) return {Code::kBadValue, "That time is over"};
  if (at - now > std::chrono::seconds(RebootSchedule::kFurthest).count())
    return {Code::kBadValue, "A reboot is scheduled at most 30 days ahead"};
  return Schedule(session, at, std::chrono::seconds(at - now));
}

Status ScheduleIn(Operator& session, const Match& match) {
  const std::int64_t minutes = match.Find("hours") != nullptr ? *MinutesOf(match.Text("hours")) : *match.Int("minutes");
  if (minutes == 0) return {Code::kBadValue, "At least one minute"};
  const std::chrono::minutes left(minutes);
  return Schedule(session, session.device().local_time() + std::chrono::seconds(left).count(), left);
}

Status Unschedule(Operator& session, const Match&) {
  if (!session.device().reboot_schedule().Cancel()) return {Code::kNotFound, "No reboot is scheduled"};
  return {};
}

Status DisplaySchedule(Operator& session, const Match&) {
  const RebootSchedule& schedule = session.device().reboot_schedule();
  std::optional<RebootView> view;
  if (schedule.at()) view = ViewOf(session, *schedule.at(), schedule.left());
  session.Show(kRebootDisplay, view);
  return {};
}

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .level = kManage,
     .form = "schedule reboot at <time:hour-minute> [ <date:date> ]",
     .help =
         "Schedule a task of the system|Start the device anew|At a time|Time|Day; without: when the time comes next",
     .run = ScheduleAt,
     .undo = "schedule reboot",
     .undo_run = Unschedule},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "schedule reboot delay { <hours:hours-minutes> | <minutes:int:1-43200> }",
     .help = "||After a time|Hours and minutes, at most 720:00|Minutes",
     .run = ScheduleIn},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display schedule reboot",
     .help = "|Tasks to come|When the device starts anew",
     .run = DisplaySchedule,
     .shows = &kRebootDisplay},
};

}  // namespace

std::span<const Command> RebootCommands() {
  return kCommands;
}

}  // namespace sw::cli
