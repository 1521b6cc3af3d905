// Serves consoles on a UNIX socket: one session a connection.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "cli/remote/acceptor.h"
#include "cli/remote/line_stream.h"
#include "cli/remote/message.h"
#include "cli/session/console.h"
#include "device/event_loop.h"
#include "hal/base/result.h"
#include "hal/ports/inherited.h"

namespace sw::cli {

class ConsoleServer {
 public:
  // Makes a session for a connection; `who` is the peer's user name, the rest is what it says of itself.
  using Factory = std::function<std::unique_ptr<Console>(const std::string& who, const HelloMessage& hello)>;
  using Trouble = std::function<void(const std::string& why)>;
  // The socket's file is made with mode 0600 and removed at the end. A file left by a daemon that was killed is
  // replaced; one that a living daemon listens on is refused (kInUse). Descriptors are kept back, so that an operator
  // comes in when the process has used up all others; `trouble` is told when even they are used.
  static Result<std::unique_ptr<ConsoleServer>> Listen(
      device::EventLoop& loop, const std::string& path, Factory factory, Trouble trouble = [](const std::string&) {});
  ~ConsoleServer();
  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;

 private:
  class Connection;
  ConsoleServer(device::EventLoop& loop, int fd, std::string path, Factory factory, Trouble trouble);
  void OnAccept(int fd);

  device::EventLoop& loop_;
  int fd_;
  std::string path_;
  hal::Offered offered_;
  Factory factory_;
  std::unique_ptr<Acceptor> acceptor_;
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace sw::cli
