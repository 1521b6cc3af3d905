#include "device/clock/local_time.h"

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

}  // namespace sw::device
