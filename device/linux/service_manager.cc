#include "device/linux/service_manager.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

namespace sw::device {
namespace {

constexpr int kKeepEnvironment = 0;

// RELOADING=1 is dated by the monotonic clock of the system, in microseconds (sd_notify(3)).
std::int64_t MonotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::seconds(now.tv_sec) +
                                                               std::chrono::nanoseconds(now.tv_nsec))
      .count();
}

}  // namespace

ServiceManager::ServiceManager(Scheduler& scheduler)
    : scheduler_(scheduler), watchdog_(scheduler, [this] { KeepAlive(); }) {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(kKeepEnvironment, &microseconds) <= 0) return;
  interval_ = std::chrono::microseconds(microseconds) / 2;
  KeepAlive();
}

void ServiceManager::KeepAliveEvery(Duration interval) {
  interval_ = interval;
  interval_ > Duration{} ? KeepAlive() : watchdog_.Follow(Time::Never());
}

void ServiceManager::Ready() {
  sd_notify(kKeepEnvironment, "READY=1");
}

void ServiceManager::Reloading() {
  sd_notify(kKeepEnvironment, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", MonotonicMicroseconds()).c_str());
}

void ServiceManager::Stopping() {
  sd_notify(kKeepEnvironment, "STOPPING=1");
}

void ServiceManager::Successor(pid_t process) {
  constexpr std::uint64_t kLimit = 1000000;  // microseconds
  if (sd_notify(kKeepEnvironment, fmt::format("MAINPID={}", process).c_str()) > 0)
    (void)sd_notify_barrier(kKeepEnvironment, kLimit);
}

void ServiceManager::KeepAlive() {
  sd_notify(kKeepEnvironment, "WATCHDOG=1");
  watchdog_.Follow(scheduler_.now() + interval_);
}

}  // namespace sw::device
