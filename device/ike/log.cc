#include "device/ike/log.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace sw::device {
namespace {

using ipsec::ike::IkeEventKind;
using ipsec::ike::IkeTopic;

constexpr Duration kQuiet = std::chrono::minutes(1);
constexpr std::array<std::string_view, 5> kTopics{"ERROR", "EXCHANGE", "MESSAGE", "MISC", "TRANSPORT"};

std::string_view DigestOf(IkeEventKind what) {
  switch (what) {
    case IkeEventKind::kEstablished:
      return "PHASE1_BUILD";
    case IkeEventKind::kEnded:
      return "PHASE1_DELETE";
    case IkeEventKind::kPeerLost:
      return "PEER_LOST";
    case IkeEventKind::kFailed:
      return "NEGOTIATION_FAILED";
    case IkeEventKind::kNote:
      break;
  }
  return "NOTE";
}

}  // namespace

void IkeLog::OnEvent(const ipsec::ike::IkeEvent& event) {
  if (event.what == IkeEventKind::kFailed) {
    LogFailure(event);
  } else if (event.what != IkeEventKind::kNote) {
    const Severity severity = event.what == IkeEventKind::kPeerLost ? Severity::kWarnings : Severity::kNotifications;
    monitor_.Log(severity, "IKE", DigestOf(event.what), event.remote.ToString() + ": " + event.text);
  }
  if (Wants(event.topic)) monitor_.Debug("IKE", kTopics[static_cast<std::size_t>(event.topic)], event.text);
}

void IkeLog::LogFailure(const ipsec::ike::IkeEvent& event) {
  const Time now = now_();
  Said& said = event.peer.empty() ? strangers_ : peers_;
  const std::size_t most = event.peer.empty() ? kMostOfStrangers : kMostOfPeers;
  const Said::key_type key{event.peer, event.remote, event.failure};
  if (const auto before = said.find(key); before != said.end() && now < before->second + kQuiet) return;
  if (said.size() >= most) std::erase_if(said, [&](const auto& one) { return one.second + kQuiet <= now; });
  if (said.size() >= most && !said.contains(key)) {
    ++left_out_;
    return;
  }
  said[key] = now;
  const std::string of =
      event.peer.empty() ? event.remote.ToString() : fmt::format("{} (peer {})", event.remote.ToString(), event.peer);
  monitor_.Log(Severity::kWarnings, "IKE", DigestOf(event.what), of + ": " + event.text);
  if (const std::uint64_t more = std::exchange(left_out_, 0); more != 0)
    monitor_.Log(Severity::kWarnings, "IKE", DigestOf(event.what),
                 fmt::format("{} failed negotiations were not told, to keep the log short", more));
}

}  // namespace sw::device
