// What the service manager of the machine is told (sd_notify(3)): the device serves, reads its options again, stops,
// and is alive. Started by hand, nobody listens and nothing is sent. One thread, the event loop's.
#pragma once

#include "hal/base/deadline_timer.h"

namespace sw::device {

class ServiceManager {
 public:
  // `scheduler` outlives it. Where the manager watches (WATCHDOG_USEC), it is told twice in that time that the loop
  // runs.
  explicit ServiceManager(Scheduler& scheduler);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  void Ready();      // everything listens, or it has read its options again
  void Reloading();  // until Ready()
  void Stopping();

 private:
  void KeepAlive();

  Scheduler& scheduler_;
  DeadlineTimer watchdog_;
  Duration interval_{};  // 0: nobody watches
};

}  // namespace sw::device
