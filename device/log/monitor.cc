#include "device/log/monitor.h"

namespace sw::device {

void Monitor::Log(Severity severity, std::string_view module, std::string_view digest, std::string_view text) {
  Emit(InfoKind::kLog, severity, module, digest, text);
}

void Monitor::Trap(Severity severity, std::string_view module, std::string_view digest, std::string_view text) {
  Emit(InfoKind::kTrap, severity, module, digest, text);
}

void Monitor::Debug(std::string_view module, std::string_view digest, std::string_view text) {
  Emit(InfoKind::kDebug, Severity::kDebugging, module, digest, text);
}

Monitor::SubscriberId Monitor::Subscribe(std::function<void(const MonitorLine&)> subscriber) {
  subscribers_.emplace(++last_, std::move(subscriber));
  return last_;
}

void Monitor::Unsubscribe(SubscriberId id) {
  subscribers_.erase(id);
}

void Monitor::Emit(InfoKind kind, Severity severity, std::string_view module, std::string_view digest,
                   std::string_view text) {
  const InfoRecord record{kind,
                          severity,
                          sysname_,
                          std::string(module),
                          std::string(digest),
                          std::string(text),
                          clocks_.local_time(),
                          clocks_.uptime()};
  info_.Store(record);
  const InfoSettings& settings = info_.settings();
  for (const LogHost& host : settings.hosts)
    if (send_ && info_.Passes(host.channel, record)) send_(host, info_.SyslogLine(record, host));
  const MonitorLine line{kind, severity, info_.Line(record), info_.Passes(settings.console, record),
                         info_.Passes(settings.monitor, record)};
  // A copy: a subscriber may unsubscribe, itself or another, while it is being told.
  const auto subscribers = subscribers_;
  for (const auto& [id, tell] : subscribers)
    if (subscribers_.contains(id)) tell(line);
}

}  // namespace sw::device
