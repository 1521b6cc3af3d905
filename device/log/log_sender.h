// Lines for log hosts, sent by UDP (RFC 3164) once whoever logged is done. A host that cannot be reached loses lines;
// nothing waits for it, and nothing is logged about it.
//
// The port is opened with the first line, and again when the source address has changed. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "device/platform.h"

namespace sw::device {

class LogSender {
 public:
  static constexpr std::size_t kMostWaiting = 1000;  // our choice
  // `source`: the address to send from now; 0.0.0.0: as routed.
  LogSender(Platform& platform, std::function<Ipv4()> source) : platform_(platform), source_(std::move(source)) {}
  ~LogSender() { platform_.scheduler().Cancel(timer_); }
  LogSender(const LogSender&) = delete;
  LogSender& operator=(const LogSender&) = delete;

  void Send(Endpoint host, std::string line);
  std::uint64_t sent() const { return sent_; }
  std::uint64_t lost() const { return lost_; }

 private:
  void Flush();
  Platform& platform_;
  std::function<Ipv4()> source_;
  struct Waiting {
    Endpoint host;
    std::string line;
  };
  std::deque<Waiting> waiting_;
  std::unique_ptr<UdpPort> port_;
  Ipv4 bound_;
  Scheduler::TimerId timer_ = 0;
  std::uint64_t sent_ = 0, lost_ = 0;
};

}  // namespace sw::device
