// The device's own clock: the machine's time, moved by what the operator set, and shown in a time zone with summer
// time. The machine's clock is never touched. A pure value: the machine's time comes in with every question.
//
// Commands: `clock datetime`, `clock timezone`, `clock summer-time`; forms of the displays: captures of later devices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sw::device {

struct TimeZone {
  std::string name;
  std::int64_t offset = 0;  // seconds east of UTC
  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};

// From start to end, both in standard time, the clock shows `offset` seconds more. Repeating: in every year from the
// start's on, between these days.
struct SummerTime {
  std::string name;
  bool repeating = false;
  std::int64_t start = 0, end = 0;  // seconds since 1970 as the zone's standard time shows them
  std::int64_t offset = 0;
  friend bool operator==(const SummerTime&, const SummerTime&) = default;
};

class DeviceClock {
 public:
  void Configure(std::optional<TimeZone> zone, std::optional<SummerTime> summer) {
    zone_ = std::move(zone);
    summer_ = std::move(summer);
  }
  const std::optional<TimeZone>& zone() const { return zone_; }
  const std::optional<SummerTime>& summer() const { return summer_; }

  // From now on the clock shows `local` at machine time `machine`.
  void SetLocal(std::int64_t local, std::int64_t machine);
  std::int64_t moved() const { return moved_; }  // seconds ahead of the machine
  void set_moved(std::int64_t seconds) { moved_ = seconds; }

  std::int64_t Utc(std::int64_t machine) const { return machine + moved_; }
  std::int64_t Local(std::int64_t machine) const;
  bool SummerNow(std::int64_t machine) const;
  std::string ZoneName(std::int64_t machine) const;  // UTC, the zone's or the summer time's

 private:
  bool InSummer(std::int64_t standard) const;
  std::optional<TimeZone> zone_;
  std::optional<SummerTime> summer_;
  std::int64_t moved_ = 0;
};

// "HH:MM:SS" as seconds; "YYYY/MM/DD" as seconds since 1970 at midnight. nullopt: not one.
std::optional<std::int64_t> SecondsOfTime(const std::string& time);
std::optional<std::int64_t> SecondsOfDate(const std::string& date);

}  // namespace sw::device
