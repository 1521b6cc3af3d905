// Time ranges: when rules of an ACL that name one are in force.
//
// Syntax: Router 3000 command reference page 1110. Sections of one name add up as on the siblings (Switch 5500):
// active when one of the weekly periods holds, if there are any, and one of the absolute spans, if there are any.
// Times are the device's local time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "device/clock/local_time.h"

namespace sw::device {

struct WeeklyPeriod {
  int from_minute = 0, to_minute = 24 * 60;  // of the day; the end does not belong to it
  std::uint8_t days = 0;                     // bit 0: Sunday
  bool Holds(LocalTime now) const;
};

struct AbsoluteSpan {
  std::optional<LocalTime> from, to;
  bool Holds(LocalTime now) const { return (!from || now >= *from) && (!to || now < *to); }
};

struct TimeRange {
  std::vector<WeeklyPeriod> weekly;
  std::vector<AbsoluteSpan> absolute;
  bool Active(LocalTime now) const;  // false when it says nothing at all
};

// The words of a period in their canonical order: Mon ... Sun, working-day, off-day, daily.
struct DayWord {
  std::string_view word;
  std::uint8_t days;
};
const std::vector<DayWord>& DayWords();
std::uint8_t DaysOf(std::string_view words);  // "Mon Fri"; 0: none of them is known

}  // namespace sw::device
