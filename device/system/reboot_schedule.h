// A reboot that is to come: `schedule reboot`. Source: S8500 command manual (at most 30 days, gone when the clock is
// changed). Lost when the device stops. On the scheduler's thread.
#pragma once

#include <functional>
#include <optional>

#include "device/clock/local_time.h"
#include "device/log/monitor.h"
#include "hal/base/clock.h"

namespace sw::device {

class RebootSchedule {
 public:
  static constexpr std::chrono::hours kFurthest{720};

  RebootSchedule(Scheduler& scheduler, Monitor& monitor) : scheduler_(scheduler), monitor_(monitor) {}
  ~RebootSchedule() { scheduler_.Cancel(timer_); }
  RebootSchedule(const RebootSchedule&) = delete;
  RebootSchedule& operator=(const RebootSchedule&) = delete;

  // `reboot` is called once, after `left`, when the clock shows `at`; a new order replaces an earlier one.
  void Arm(LocalTime at, Duration left, std::function<void()> reboot);
  bool Cancel();        // false: nothing was to come
  void OnClockMoved();  // what was ordered by the old clock is cancelled, with a line of the log
  std::optional<LocalTime> at() const;
  Duration left() const;  // zero: nothing is to come

 private:
  Scheduler& scheduler_;
  Monitor& monitor_;
  Scheduler::TimerId timer_ = 0;
  LocalTime at_ = 0;
  Time due_;
  std::function<void()> reboot_;
};

}  // namespace sw::device
