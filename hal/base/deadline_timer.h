// A timer that follows a deadline: set anew when the deadline moves, gone with the object. One thread, the scheduler's;
// the scheduler outlives it. For hosts of engines that say when they want to be called next.
#pragma once

#include <functional>
#include <utility>

#include "hal/base/clock.h"

namespace sw {

class DeadlineTimer {
 public:
  // `due` may call Follow.
  DeadlineTimer(Scheduler& scheduler, std::function<void()> due) : scheduler_(scheduler), due_(std::move(due)) {}
  ~DeadlineTimer() { scheduler_.Cancel(timer_); }
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // Calls `due` once, at `deadline`, unless it is told another one before. Never: not at all.
  void Follow(Time deadline) {
    if (deadline == armed_) return;
    scheduler_.Cancel(std::exchange(timer_, 0));
    armed_ = deadline;
    if (deadline == Time::Never()) return;
    timer_ = scheduler_.At(deadline, [this] {
      timer_ = 0;
      armed_ = Time::Never();
      due_();
    });
  }

 private:
  Scheduler& scheduler_;
  const std::function<void()> due_;
  Scheduler::TimerId timer_ = 0;
  Time armed_ = Time::Never();
};

}  // namespace sw
