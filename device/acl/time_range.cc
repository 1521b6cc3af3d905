#include "device/acl/time_range.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace sw::device {
namespace {

constexpr LocalTime kDay = 24 * 60 * 60;

// Takes a number up to `separator` (or the end) off the front.
std::optional<unsigned> TakeNumber(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + end, number);
  if (error != std::errc() || stop != text.data() + end) return std::nullopt;
  text.remove_prefix(std::min(end + 1, text.size()));
  return number;
}

}  // namespace

const std::vector<DayWord>& DayWords() {
  static const std::vector<DayWord> kWords = {
      {"Mon", 0x02}, {"Tue", 0x04}, {"Wed", 0x08},         {"Thu", 0x10},     {"Fri", 0x20},
      {"Sat", 0x40}, {"Sun", 0x01}, {"working-day", 0x3e}, {"off-day", 0x41}, {"daily", 0x7f},
  };
  return kWords;
}

std::uint8_t DaysOf(std::string_view words) {
  std::uint8_t days = 0;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const auto it = std::ranges::find(DayWords(), words.substr(0, end), &DayWord::word);
    if (it != DayWords().end()) days |= it->days;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return days;
}

std::optional<int> MinuteOf(std::string_view clock) {
  const std::optional<unsigned> hour = TakeNumber(clock, ':'), minute = TakeNumber(clock, ':');
  if (!hour || !minute || !clock.empty() || *hour > 24 || *minute > 59) return std::nullopt;
  return static_cast<int>(*hour * 60 + *minute);
}

std::optional<LocalTime> MomentOf(std::string_view clock, std::string_view date) {
  const std::optional<int> minute = MinuteOf(clock);
  const std::optional<unsigned> month = TakeNumber(date, '/'), day = TakeNumber(date, '/'),
                                year = TakeNumber(date, '/');
  if (!minute || !month || !day || !year) return std::nullopt;
  const std::chrono::year_month_day when{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!when.ok()) return std::nullopt;
  return std::chrono::sys_days(when).time_since_epoch().count() * kDay + *minute * 60;
}

bool WeeklyPeriod::Holds(LocalTime now) const {
  const LocalTime day = now >= 0 ? now / kDay : (now - kDay + 1) / kDay;
  const auto weekday = static_cast<unsigned>(((day + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  const LocalTime minute = (now - day * kDay) / 60;
  return ((days >> weekday) & 1U) != 0 && minute >= from_minute && minute < to_minute;
}

bool TimeRange::Active(LocalTime now) const {
  auto holds = [now](const auto& part) { return part.Holds(now); };
  if (weekly.empty() && absolute.empty()) return false;
  return (weekly.empty() || std::ranges::any_of(weekly, holds)) &&
         (absolute.empty() || std::ranges::any_of(absolute, holds));
}

}  // namespace sw::device
