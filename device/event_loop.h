// Real time: one thread that runs timers, watched file descriptors and posted work, over Boost.Asio.
// The only file that includes Asio is event_loop.cc, to keep its weight out of every other build.
#pragma once

#include <functional>
#include <memory>

#include "hal/base/clock.h"

namespace sw::device {

class EventLoop final : public Scheduler {
 public:
  EventLoop();
  ~EventLoop() override;

  Time now() const override;
  TimerId At(Time when, std::function<void()> task) override;
  void Cancel(TimerId id) override;

  // Calls `ready` each time `fd` is readable, until the watch is dropped, which must happen before the fd is closed
  // and the loop destroyed. The fd stays the caller's. A regular file is always readable. Null: it cannot be watched.
  class Watch {
   public:
    virtual ~Watch() = default;
  };
  std::unique_ptr<Watch> WatchReadable(int fd, std::function<void()> ready);
  std::unique_ptr<Watch> WatchWritable(int fd, std::function<void()> ready);

  void Post(std::function<void()> task);  // the only call that other threads and signal watchers may make
  void OnSignal(int signal, std::function<void()> task);

  void Run();                   // until Stop()
  void Stop();                  // ends the Run* that runs, or the next one
  bool RunFor(Duration limit);  // false when stopped; 0: what is ready now, and no more
  bool RunUntil(const std::function<bool()>& done, Duration limit);  // true when done() held in time

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::device
