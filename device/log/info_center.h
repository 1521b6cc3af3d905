// The information centre: which log, trap and debugging records go where, and what they look like there.
//
// Every record is offered to the ten channels. A channel lets it through by its filter for the record's module, or by
// the one for all modules; outputs (console, monitors, log hosts, buffers, SNMP) listen to one channel each. Records
// come from device/log/monitor.h. A pure value but for the buffers: it sends nothing itself. One thread.
//
// Severities, channels, directions and defaults: Router 3000 command reference page 68; line and priority: Switch 8800
// configuration guide chapter 46; sizes of the buffers and filters of the channels: recollection, in the tables here.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"

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
std::string_view Name(Severity severity);  // emergencies ...
std::optional<Severity> SeverityOf(std::string_view name);

enum class InfoKind : std::uint8_t { kLog, kTrap, kDebug };
inline constexpr std::size_t kInfoKinds = 3;
std::string_view Name(InfoKind kind);  // log, trap, debugging

struct InfoRecord {
  InfoKind kind = InfoKind::kLog;
  Severity severity = Severity::kInformational;
  std::string sysname, module, digest, text;
  std::int64_t local_time = 0;  // seconds since 1970 as the device's clock shows them
  Duration uptime{};
};

inline constexpr int kInfoChannels = 10;
inline constexpr int kConsoleChannel = 0, kMonitorChannel = 1, kTrapBufferChannel = 3, kLogBufferChannel = 4,
                     kSnmpChannel = 5;
std::string_view DefaultChannelName(int channel);

enum class InfoTimestamp : std::uint8_t { kDate, kBoot, kNone };

// What one channel lets through of one module; what is not set is as by default.
struct InfoFilter {
  std::array<std::optional<bool>, kInfoKinds> on;
  std::array<std::optional<Severity>, kInfoKinds> level;
  friend bool operator==(const InfoFilter&, const InfoFilter&) = default;
};

struct LogHost {
  Ipv4 address;
  int channel = configdb::Preset("info_loghost", "channel");
  int facility = configdb::Preset("info_loghost", "facility");
  friend bool operator==(const LogHost&, const LogHost&) = default;
};
inline constexpr std::uint16_t kSyslogPort = 514;

struct InfoSettings {
  bool enabled = true;
  // The channels that outputs listen to.
  int console = configdb::Preset("info_center", "console_channel");
  int monitor = configdb::Preset("info_center", "monitor_channel");
  int snmp = configdb::Preset("info_center", "snmp_channel");
  int log_buffer = configdb::Preset("info_center", "logbuffer_channel");
  int trap_buffer = configdb::Preset("info_center", "trapbuffer_channel");
  std::size_t log_buffer_size = configdb::Preset<std::size_t>("info_center", "logbuffer_size");  // lines
  std::size_t trap_buffer_size = configdb::Preset<std::size_t>("info_center", "trapbuffer_size");
  std::vector<LogHost> hosts;
  std::string host_source;  // interface whose address packets to log hosts carry; empty: as routed
  std::array<InfoTimestamp, kInfoKinds> timestamps = {InfoTimestamp::kDate, InfoTimestamp::kDate, InfoTimestamp::kBoot};
  std::map<std::pair<int, std::string>, InfoFilter> filters;  // channel and module; module empty: all of them
  std::map<int, std::string> channel_names;                   // other than the default ones
  friend bool operator==(const InfoSettings&, const InfoSettings&) = default;

  std::string ChannelName(int channel) const;
  std::optional<int> ChannelOf(std::string_view name_or_number) const;
  // The rule that holds for a kind of record of a module on a channel.
  struct Rule {
    bool on;
    Severity level;
  };
  Rule RuleOf(int channel, std::string_view module, InfoKind kind) const;
};

class InfoCenter {
 public:
  void Configure(InfoSettings settings);
  const InfoSettings& settings() const { return settings_; }

  bool Passes(int channel, const InfoRecord& record) const;
  // As a terminal or a buffer shows it: mark, timestamp, name, module/severity/digest, text.
  std::string Line(const InfoRecord& record) const;
  // As a log host gets it: <facility * 8 + severity - 1>, no mark.
  std::string SyslogLine(const InfoRecord& record, const LogHost& host) const;
  void Store(const InfoRecord& record);  // into the buffers whose channels let it through

  struct Buffer {
    std::deque<InfoRecord> records;  // newest last
    std::uint64_t overwritten = 0;   // since the last reset
    std::uint64_t total = 0;
  };
  const Buffer& log_buffer() const { return log_buffer_; }
  const Buffer& trap_buffer() const { return trap_buffer_; }
  void ResetLogBuffer() { log_buffer_ = {}; }
  void ResetTrapBuffer() { trap_buffer_ = {}; }

 private:
  InfoSettings settings_;
  Buffer log_buffer_, trap_buffer_;
};

}  // namespace sw::device
