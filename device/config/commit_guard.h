// The confirmed commit: unless somebody confirms in time, the configuration goes back to what it was.
//
// Immediate mode stays: lines act as they are typed. Arming takes a checkpoint; at the deadline the device restores it
// by the same way as any other change. The deadline is kept in the database, so that a device that was stopped
// meanwhile goes back when it starts. Names and behaviour are ours.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "config-db/checkpoint.h"
#include "config-db/store.h"
#include "device/log/monitor.h"
#include "hal/base/clock.h"

namespace sw::device {

class CommitGuard {
 public:
  struct Services {  // all outlive this
    configdb::Store& store;
    Scheduler& scheduler;
    Monitor& monitor;
    std::function<std::int64_t()> wall_clock;       // seconds since 1970, UTC
    std::function<Status(configdb::Edit&)> commit;  // validates, applies, commits
  };
  explicit CommitGuard(Services services) : services_(std::move(services)) {}
  ~CommitGuard();
  CommitGuard(const CommitGuard&) = delete;
  CommitGuard& operator=(const CommitGuard&) = delete;

  void Resume();  // takes up what an earlier run left pending; once, after the device has started
  Status Arm(Duration time, const configdb::Origin& origin);  // again: a new deadline, the same way back
  Status Confirm();                                           // kNotFound: nothing is pending
  std::optional<Duration> left() const;                       // nullopt: nothing is pending

 private:
  void StartTimer(Duration time);
  void GoBack();

  Services services_;
  std::optional<configdb::PendingRollback> pending_;
  Scheduler::TimerId timer_ = 0;
};

}  // namespace sw::device
