// `ping`: echo requests one after the other, each awaited. Options and defaults: Router 3000 command reference page 49.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "device/platform.h"

namespace sw::device {

struct PingOptions {
  EchoRequest request;  // the run numbers it; with a port, each later datagram goes to the next one
  int count = 5;
  Duration timeout = std::chrono::milliseconds(2000);
  // Between an answer and the next request. No source names it; the module's output in captures advances about twice a
  // second.
  Duration pause = std::chrono::milliseconds(500);
};

struct PingSummary {
  int sent = 0, received = 0;
  Duration min{0}, average{0}, max{0};
};

struct PingEvent {
  enum class Kind : std::uint8_t { kReply, kUnreachable, kTimeExceeded, kTimeout, kError, kFinished } kind;
  EchoReply reply;  // kReply, kUnreachable, kTimeExceeded
  int sequence = 0;
  Duration round_trip{0};  // of what came back
  Status error;            // kError: the request could not be sent; the run goes on
  PingSummary summary;     // kFinished
};

class Ping {
 public:
  virtual ~Ping() = default;  // stops silently
  virtual void Cancel() = 0;  // ends the run early; kFinished follows at once
};

// The port of a probe so many behind the one to `first`: behind the last port comes the first that is not 0.
std::uint16_t ProbePort(std::uint16_t first, int further);

Result<std::unique_ptr<Ping>> StartPing(Platform& platform, PingOptions options,
                                        std::function<void(const PingEvent&)> events);

}  // namespace sw::device
