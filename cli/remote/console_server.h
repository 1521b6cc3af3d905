// Serves consoles on a UNIX socket: one session a connection.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "cli/remote/line_stream.h"
#include "cli/remote/message.h"
#include "cli/session/console.h"
#include "device/event_loop.h"
#include "hal/base/result.h"

namespace sw::cli {

class ConsoleServer {
 public:
  // Makes a session for a connection; `who` is the peer's user name, the rest is what it says of itself.
  using Factory = std::function<std::unique_ptr<Console>(const std::string& who, const HelloMessage& hello)>;
  // The socket's file is made with mode 0600 and removed at the end. A file left by a daemon that was killed is
  // replaced; one that a living daemon listens on is refused (kInUse).
  static Result<std::unique_ptr<ConsoleServer>> Listen(device::EventLoop& loop, const std::string& path, Factory factory);
  ~ConsoleServer();
  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;

 private:
  class Connection;
  ConsoleServer(device::EventLoop& loop, int fd, std::string path, Factory factory);
  void OnAccept();

  device::EventLoop& loop_;
  int fd_;
  std::string path_;
  Factory factory_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace sw::cli
