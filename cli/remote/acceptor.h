// Accepts connections of a listening socket, also when the process has no descriptors left: then it waits a second and
// tries again, and says so once. One that matters keeps descriptors back for that case.
//
// One thread, the loop's. The socket stays the caller's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/event_loop.h"

namespace sw::cli {

class Acceptor {
 public:
  struct Handlers {
    std::function<void(int fd)> accepted;                 // the caller's from here on; close-on-exec, does not block
    std::function<void(const std::string& why)> trouble;  // once until connections come in again
  };
  // `kept`: descriptors held back; while there are others, none of them is used.
  Acceptor(device::EventLoop& loop, int fd, std::size_t kept, Handlers handlers);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void Refill();  // a connection has ended: keeps back again what was used

 private:
  void Watch();
  void OnReadable();
  void PauseFor(int error);

  device::EventLoop& loop_;
  const int fd_;
  const std::size_t most_kept_;
  std::vector<int> kept_;
  Handlers handlers_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
  Scheduler::TimerId timer_ = 0;
  bool told_ = false;
};

}  // namespace sw::cli
