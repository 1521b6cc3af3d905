#include "device/clock/device_clock.h"

#include <chrono>
#include <cstdio>

namespace sw::device {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;

std::chrono::year_month_day DateOf(std::int64_t seconds) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

// The same day and time of another year; the 29th of February moves to the 1st of March where there is none.
std::int64_t InYear(std::int64_t seconds, std::chrono::year year) {
  std::chrono::year_month_day date = DateOf(seconds);
  const std::int64_t time = seconds - std::chrono::sys_days(date).time_since_epoch().count() * kDay;
  date = year / date.month() / date.day();
  if (!date.ok()) date = year / std::chrono::March / 1;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay + time;
}

}  // namespace

bool DeviceClock::InSummer(std::int64_t standard) const {
  if (!summer_ || standard < summer_->start) return false;
  if (!summer_->repeating) return standard < summer_->end;
  const std::chrono::year year = DateOf(standard).year();
  const std::int64_t start = InYear(summer_->start, year), end = InYear(summer_->end, year);
  return start < end ? standard >= start && standard < end : standard >= start || standard < end;
}

bool DeviceClock::SummerNow(std::int64_t machine) const {
  return InSummer(Utc(machine) + (zone_ ? zone_->offset : 0));
}

std::int64_t DeviceClock::Local(std::int64_t machine) const {
  const std::int64_t standard = Utc(machine) + (zone_ ? zone_->offset : 0);
  return standard + (InSummer(standard) ? summer_->offset : 0);
}

void DeviceClock::SetLocal(std::int64_t local, std::int64_t machine) {
  // Whether summer time holds depends on the answer; of the two possibilities take the one that shows `local`.
  const std::int64_t zone = zone_ ? zone_->offset : 0;
  moved_ = local - zone - machine;
  if (summer_ && InSummer(local - summer_->offset)) moved_ -= summer_->offset;
}

std::string DeviceClock::ZoneName(std::int64_t machine) const {
  if (SummerNow(machine)) return summer_->name;
  return zone_ ? zone_->name : "UTC";
}

std::optional<std::int64_t> SecondsOfTime(const std::string& time) {
  int hour = 0, minute = 0, second = 0;
  if (std::sscanf(time.c_str(), "%d:%d:%d", &hour, &minute, &second) != 3) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

std::optional<std::int64_t> SecondsOfDate(const std::string& date) {
  int year = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(date.c_str(), "%d/%u/%u", &year, &month, &day) != 3) return std::nullopt;
  const std::chrono::year_month_day when{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!when.ok()) return std::nullopt;
  return std::chrono::sys_days(when).time_since_epoch().count() * kDay;
}

}  // namespace sw::device
