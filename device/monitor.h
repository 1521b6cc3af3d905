// Log lines and debugging output on their way to terminals and to the daemon's standard error.
//
// The format is that of the Switch 8800 configuration guide, chapter 46: a mark, a timestamp, the sysname,
// module/severity/digest and the text. Severities count 1 (emergencies) to 8 (debugging), Router 3000 command
// reference page 68. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dvpn/event.h"
#include "ipsec/ike/models.h"

namespace sw::device {

enum class Severity : std::uint8_t {
  kEmergencies = 1,
  kAlerts,
  kCritical,
  kErrors,
  kWarnings,
  kNotifications,
  kInformational,
  kDebugging,
};

struct MonitorLine {
  bool debugging = false;  // otherwise a log line
  Severity severity = Severity::kInformational;
  std::string text;  // complete, without line end
};

// What `debugging dvpn ...` has switched on.
using DebugSwitches = std::set<dvpn::Topic>;
using IkeDebugSwitches = std::set<ipsec::ike::Topic>;  // `debugging ike ...`

class Monitor {
 public:
  explicit Monitor(std::function<std::int64_t()> wall_clock);

  void set_sysname(std::string sysname) { sysname_ = std::move(sysname); }
  DebugSwitches& debugging() { return debugging_; }
  const DebugSwitches& debugging() const { return debugging_; }
  IkeDebugSwitches& ike_debugging() { return ike_debugging_; }
  const IkeDebugSwitches& ike_debugging() const { return ike_debugging_; }

  void Log(Severity severity, std::string_view module, std::string_view digest, std::string_view text);
  void Debug(std::string_view module, std::string_view digest, std::string_view text);

  // Subscribers see every line; each decides what it shows (`terminal monitor`, `terminal debugging`).
  using SubscriberId = std::uint64_t;
  SubscriberId Subscribe(std::function<void(const MonitorLine&)> subscriber);
  void Unsubscribe(SubscriberId id);

 private:
  void Emit(const MonitorLine& line);
  std::function<std::int64_t()> wall_clock_;
  std::string sysname_;
  DebugSwitches debugging_;
  IkeDebugSwitches ike_debugging_;
  SubscriberId last_ = 0;
  std::map<SubscriberId, std::function<void(const MonitorLine&)>> subscribers_;
};

}  // namespace sw::device
