// One file over TFTP (RFC 1350), as a client, in octet mode: whole into memory or out of it.
//
// Blocks of 512 bytes, one under way at a time; a block or an acknowledgement that gets no answer is sent again. Block
// numbers go round behind 65535, as the servers of today expect. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "device/platform.h"

namespace sw::device {

struct TftpOrder {
  Ipv4 server;
  bool put = false;  // else get
  std::string remote;
  std::string content = {};  // of what is put
  std::size_t most = 0;      // bytes of what is got
};

class Tftp {
 public:
  static constexpr std::uint16_t kPort = 69;
  static constexpr Duration kTimeout = std::chrono::seconds(2);  // our choice, and so is the number of transmissions
  static constexpr int kTries = 5;

  virtual ~Tftp() = default;  // stops silently
  // Tells the server and ends: `done` follows.
  virtual void Cancel() = 0;
};

// `done` is called once, from the scheduler's thread and never from inside this call, with what was got (put: nothing)
// or why not: kBusy nobody answers, or cancelled; kDenied with the server's words; kUnsupported larger than `most`;
// kNotFound no way there. The Tftp may be destroyed inside it.
Result<std::unique_ptr<Tftp>> StartTftp(Platform& platform, TftpOrder order,
                                        std::function<void(Result<std::string>)> done);

}  // namespace sw::device
