// Log lines, traps and debugging output on their way to terminals, buffers, log hosts and the daemon's standard error.
//
// Records are made here, filtered and written by the information centre (device/log/info_center.h). A source that says
// too much is held back (device/log/flood_gate.h), and what was left out is counted in a record. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "device/log/debugging.h"
#include "device/log/flood_gate.h"
#include "device/log/info_center.h"
#include "hal/base/clock.h"

namespace sw::device {

struct MonitorLine {
  InfoKind kind = InfoKind::kLog;
  Severity severity = Severity::kInformational;
  std::string text;                     // complete, without line end
  const InfoRecord* record = nullptr;   // what the text is of; while the line is being told
  bool console = true, monitor = true;  // whether the channels of the console and of other terminals let it through
};

class Monitor {
 public:
  struct Clocks {
    std::function<std::int64_t()> local_time;  // seconds since 1970 as the device's clock shows
    std::function<Duration()> uptime = [] { return Duration{}; };
  };
  explicit Monitor(Clocks clocks) : clocks_(std::move(clocks)) {}

  void set_sysname(std::string sysname) { sysname_ = std::move(sysname); }
  Debugging& debugging() { return debugging_; }
  const Debugging& debugging() const { return debugging_; }
  InfoCenter& info() { return info_; }
  const InfoCenter& info() const { return info_; }

  void Log(Severity severity, std::string_view module, std::string_view digest, std::string_view text);
  void Trap(Severity severity, std::string_view module, std::string_view digest, std::string_view text);
  void Debug(std::string_view module, std::string_view digest, std::string_view text);

  // Subscribers see every line; each decides what it shows (`terminal monitor`, `terminal debugging`).
  using SubscriberId = std::uint64_t;
  SubscriberId Subscribe(std::function<void(const MonitorLine&)> subscriber);
  void Unsubscribe(SubscriberId id);  // what it alone had debugged is debugged no more
  // Called when records begin to be left out; somebody calls TellLeftOut at `then`, by the clock of uptime.
  void OnLeftOut(std::function<void(Duration then)> left_out) { left_out_ = std::move(left_out); }
  void TellLeftOut();  // counts in a record what was left out since
  // Called with each line for a log host; it must not come back with a line of its own.
  void OnLogHostLine(std::function<void(const LogHost&, std::string)> send) { send_ = std::move(send); }

 private:
  void Emit(InfoKind kind, Severity severity, std::string_view module, std::string_view digest, std::string_view text);
  void Tell(const InfoRecord& record);
  Clocks clocks_;
  FloodGate gate_;
  std::string sysname_;
  Debugging debugging_;
  InfoCenter info_;
  std::function<void(const LogHost&, std::string)> send_;
  std::function<void(Duration)> left_out_;
  SubscriberId last_ = 0;
  std::map<SubscriberId, std::function<void(const MonitorLine&)>> subscribers_;
};

}  // namespace sw::device
