#include "device/monitor.h"

#include <fmt/format.h>

#include <ctime>

namespace sw::device {
namespace {

std::string Stamp(std::int64_t seconds) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t t = seconds;
  std::tm tm{};
  gmtime_r(&t, &tm);
  return fmt::format("{} {:2} {:02}:{:02}:{:02} {}", kMonths[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                     tm.tm_year + 1900);
}

}  // namespace

Monitor::Monitor(std::function<std::int64_t()> wall_clock) : wall_clock_(std::move(wall_clock)) {}

void Monitor::Log(Severity severity, std::string_view module, std::string_view digest, std::string_view text) {
  Emit({false, severity,
        fmt::format("%{} {} {}/{}/{}:{}", Stamp(wall_clock_()), sysname_, module, static_cast<int>(severity), digest,
                    text)});
}

void Monitor::Debug(std::string_view module, std::string_view digest, std::string_view text) {
  Emit({true, Severity::kDebugging,
        fmt::format("*{} {} {}/8/{}:{}", Stamp(wall_clock_()), sysname_, module, digest, text)});
}

Monitor::SubscriberId Monitor::Subscribe(std::function<void(const MonitorLine&)> subscriber) {
  subscribers_.emplace(++last_, std::move(subscriber));
  return last_;
}

void Monitor::Unsubscribe(SubscriberId id) { subscribers_.erase(id); }

void Monitor::Emit(const MonitorLine& line) {
  // A copy: a subscriber may unsubscribe, itself or another, while it is being told.
  const auto subscribers = subscribers_;
  for (const auto& [id, tell] : subscribers)
    if (subscribers_.contains(id)) tell(line);
}

}  // namespace sw::device
