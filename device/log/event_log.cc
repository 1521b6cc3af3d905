#include "device/log/event_log.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace sw::device {
namespace {

struct LogForm {
  Severity severity;
  std::string_view digest;
};

std::optional<LogForm> LogFormOf(const dvpn::Event& event) {
  using dvpn::What;
  switch (event.what) {
    case What::kMapBuilt:
      return LogForm{Severity::kNotifications, "MAP_BUILD"};
    case What::kMapRemoved:
      return LogForm{Severity::kNotifications, "MAP_DELETE"};
    case What::kSessionBuilt:
      return LogForm{Severity::kNotifications, "SESSION_BUILD"};
    case What::kSessionRemoved:
      return LogForm{Severity::kNotifications, "SESSION_DELETE"};
    case What::kRefused:
      return LogForm{Severity::kWarnings, "REFUSED"};
    case What::kWeak:
      return LogForm{Severity::kWarnings, "WEAK"};
    case What::kNote:  // of a session that changed: its peer moved, its path is narrow, its server is away
      if (event.session != nullptr) return LogForm{Severity::kNotifications, "SESSION_CHANGE"};
      break;
    case What::kStep:
      break;
  }
  return std::nullopt;
}

std::string_view DigestOf(dvpn::Topic topic) {
  static constexpr std::array<std::string_view, 8> kNames{"ERROR",   "MISC", "REGISTER", "SESSION",
                                                          "CONTROL", "DATA", "IPSEC",    "HEXADECIMAL"};
  static_assert(kNames.size() == static_cast<std::size_t>(dvpn::Topic::kHexadecimal) + 1);
  return kNames[static_cast<std::size_t>(topic)];
}

}  // namespace

void EventLog::OnEvent(Time now, const dvpn::Event& event) {
  if (observer_) observer_(now, event);
  if (event.map != nullptr || event.session != nullptr)
    for (const auto& watcher : watchers_) watcher(now, event);
  std::string text = fmt::format("{}: ", event.tunnel);
  if (event.what == dvpn::What::kStep)
    text += fmt::format("step {} {} ", event.step, event.sent ? "sent to" : "received from");
  if (!event.peer.empty()) text += event.peer + ": ";
  text += event.text;
  if (const std::optional<LogForm> log = LogFormOf(event)) monitor_.Log(log->severity, "DVPN", log->digest, text);
  if (monitor_.debugging().wants(event.topic)) monitor_.Debug("DVPN", DigestOf(event.topic), text);
}

}  // namespace sw::device
