// Time, always injected. A protocol sees only a Time handed to it; nothing below `device` asks a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace sw {

using Duration = std::chrono::nanoseconds;
// Monotonic time since an origin that has no meaning of its own (boot, or the start of a simulation).
struct Time {
  Duration since{0};
  static constexpr Time Never() { return {Duration::max()}; }
  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.since + d}; }
  friend constexpr Duration operator-(Time a, Time b) { return a.since - b.since; }
};

// A clock with timers. Everything runs on one thread: the thread that owns the scheduler.
// Real time: device/event_loop.h. Virtual time: hal/base/virtual_scheduler.h.
class Scheduler {
 public:
  using TimerId = std::uint64_t;  // never 0, never reused
  virtual ~Scheduler() = default;
  virtual Time now() const = 0;
  // Runs `task` once at `when`, or as soon as possible when that has passed; never from inside this call.
  virtual TimerId At(Time when, std::function<void()> task) = 0;
  virtual void Cancel(TimerId id) = 0;  // a timer that has run, or 0, is ignored
};

}  // namespace sw
