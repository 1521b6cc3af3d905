#include "device/ike_log.h"

#include <array>

namespace sw::device {
namespace {

using ipsec::ike::Topic;
using ipsec::ike::What;

constexpr std::array<std::string_view, 5> kTopics{"ERROR", "EXCHANGE", "MESSAGE", "MISC", "TRANSPORT"};

std::string_view DigestOf(What what) {
  switch (what) {
    case What::kEstablished:
      return "PHASE1_BUILD";
    case What::kEnded:
      return "PHASE1_DELETE";
    case What::kPeerLost:
      return "PEER_LOST";
    case What::kNote:
      break;
  }
  return "NOTE";
}

}  // namespace

void LogIke(Monitor& monitor, const ipsec::ike::Event& event) {
  if (event.what != What::kNote) {
    const Severity severity = event.what == What::kPeerLost ? Severity::kWarnings : Severity::kNotifications;
    monitor.Log(severity, "IKE", DigestOf(event.what), event.remote.ToString() + ": " + event.text);
  }
  if (IkeWanted(monitor, event.topic)) monitor.Debug("IKE", kTopics[static_cast<std::size_t>(event.topic)], event.text);
}

}  // namespace sw::device
