// The dialogue of taking over (cli/service/take_over.h) over a UNIX socket of the device, beside the operators' one:
// descriptors by SCM_RIGHTS, the state in memory of its own that is sealed against changes, never in a file, and wiped
// after use (unix(7), memfd_create(2)). Only root and the user of the device may ask (SO_PEERCRED). One thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/service/take_over.h"
#include "device/event_loop.h"
#include "hal/ports/inherited.h"

namespace sw::cli {

class TakeOverSocket final : public TakeOverChannel {
 public:
  // Of the device whose operators attach at `socket`. kNotFound: nobody listens there.
  static Result<std::unique_ptr<TakeOverSocket>> Connect(const std::string& socket);
  explicit TakeOverSocket(hal::Descriptor fd) : fd_(std::move(fd)) {}
  Status Send(TakeOverMessage message) override;
  Result<TakeOverMessage> Receive(Duration limit) override;
  int fd() const { return fd_.get(); }
  pid_t peer() const;  // its process
  bool peer_trusted() const;

 private:
  hal::Descriptor fd_;
};

// Listens for a successor, one at a time; the loop's thread.
class TakeOverServer {
 public:
  // `ended`: the successor runs, this process is to end at once. `device` outlives it.
  static Result<std::unique_ptr<TakeOverServer>> Listen(device::EventLoop& loop, const std::string& socket,
                                                        Predecessor& device, std::function<void(pid_t)> ended);
  ~TakeOverServer();
  TakeOverServer(const TakeOverServer&) = delete;
  TakeOverServer& operator=(const TakeOverServer&) = delete;

 private:
  TakeOverServer(device::EventLoop& loop, std::string path, hal::Descriptor fd, Predecessor& device,
                 std::function<void(pid_t)> ended);
  void OnConnection();
  void OnMessage();

  device::EventLoop& loop_;
  const std::string path_;
  hal::Descriptor fd_;
  hal::Offered offered_;
  Predecessor& device_;
  const std::function<void(pid_t)> ended_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
  std::unique_ptr<TakeOverSocket> successor_;
  std::unique_ptr<device::EventLoop::Watch> successor_watch_;
  bool agreed_ = false;
};

}  // namespace sw::cli
