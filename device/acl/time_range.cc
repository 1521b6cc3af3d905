#include "device/acl/time_range.h"

#include <algorithm>

namespace sw::device {
namespace {

constexpr LocalTime kDay = 24 * 60 * 60;

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
