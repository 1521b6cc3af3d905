#include "device/log/monitor.h"

#include <fmt/format.h>

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
  debugging_.Leave(id);
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
  switch (gate_.Take(kind, module, digest, record.uptime)) {
    case FloodGate::Verdict::kFirstLeftOut:
      if (left_out_) left_out_(record.uptime + FloodGate::kTellAfter);
      return;
    case FloodGate::Verdict::kLeftOut:
      return;
    case FloodGate::Verdict::kPass:
      break;
  }
  Tell(record);
}

void Monitor::TellLeftOut() {
  for (const FloodGate::LeftOut& left : gate_.TakeLeftOut()) {
    const std::string text = fmt::format("{} records of {}/{} were left out", left.count, left.module, left.digest);
    Tell({left.kind, left.kind == InfoKind::kDebug ? Severity::kDebugging : Severity::kWarnings, sysname_, "INFO",
          "LEFTOUT", text, clocks_.local_time(), clocks_.uptime()});
  }
}

void Monitor::Tell(const InfoRecord& record) {
  info_.Store(record);
  const InfoSettings& settings = info_.settings();
  for (const LogHost& host : settings.hosts)
    if (send_ && info_.Passes(host.channel, record)) send_(host, info_.SyslogLine(record, host));
  const MonitorLine line{record.kind,
                         record.severity,
                         info_.Line(record),
                         &record,
                         info_.Passes(settings.console, record),
                         info_.Passes(settings.monitor, record)};
  // A copy: a subscriber may unsubscribe, itself or another, while it is being told.
  const auto subscribers = subscribers_;
  for (const auto& [id, tell] : subscribers)
    if (subscribers_.contains(id)) tell(line);
}

}  // namespace sw::device
