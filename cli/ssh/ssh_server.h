// The device's terminal over SSH: one port, sessions on the virtual lines, logins through the device's own users.
//
// libssh does the protocol on a thread of its own with its own event loop, so that a key exchange never holds up
// packets; sessions live on the device's thread. Bytes and questions pass between the two as posted tasks, and neither
// waits for the other. What a peer that has not logged in can make us keep is bounded: connections, their number per
// address and their time; nothing of it reaches the device but a finished question for a user.
//
// Password, keyboard-interactive (one question) and public key (`ssh user ... assign public-key`); `none` where the
// line asks for nothing. SSH details: RFC 4252 to 4254, RFC 4256. Limits are our choice.
#pragma once

#include <memory>
#include <string>

#include "cli/grammar/grammar.h"
#include "cli/session/user_interfaces.h"
#include "device/device.h"
#include "device/event_loop.h"
#include "hal/base/result.h"

namespace sw::cli {

class SshServer {
 public:
  struct Options {
    std::string address;   // ADDR:PORT, [ADDR]:PORT for IPv6; port 0: any free one
    std::string key_file;  // host keys are kept in key_file_ed25519 and key_file_ecdsa, made when missing, mode 0600
  };
  // Whether an address can be one: kBadValue.
  static Status Check(const std::string& address);
  // Device, grammar, lines and loop (the device's) outlive the server. kBadValue: the address; kInUse: the port;
  // kDevice: keys or sockets.
  static Result<std::unique_ptr<SshServer>> Listen(device::EventLoop& loop, device::Device& device,
                                                   const Grammar& grammar, UserInterfaces& lines,
                                                   const Options& options);
  ~SshServer();  // ends all connections
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  int port() const;

 private:
  struct Impl;
  explicit SshServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::cli
