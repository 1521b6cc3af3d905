// What the service manager of the machine is told (sd_notify(3)): the device serves, reads its options again, stops,
// and is alive. Started by hand, nobody listens and nothing is sent. One thread, the event loop's.
#pragma once

#include <sys/types.h>

#include "hal/base/deadline_timer.h"

namespace sw::device {

class ServiceManager {
 public:
  // `scheduler` outlives it. Where the manager watches (WATCHDOG_USEC), it is told twice in that time that the loop
  // runs.
  explicit ServiceManager(Scheduler& scheduler);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // How often it is told; 0: not at all. The manager says so to the process that it started, and to no successor.
  Duration interval() const { return interval_; }
  void KeepAliveEvery(Duration interval);

  void Ready();      // everything listens, or it has read its options again
  void Reloading();  // until Ready()
  void Stopping();
  void Successor(pid_t process);  // which is the service from now on; waits until that is known

 private:
  void KeepAlive();

  Scheduler& scheduler_;
  DeadlineTimer watchdog_;
  Duration interval_{};  // 0: nobody watches
};

}  // namespace sw::device
