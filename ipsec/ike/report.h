// What the engine tells the operator and counts: events, why a negotiation failed, messages that were dropped. A
// failure is told whether debugging is on or not; who bounds how often is the listener.
#pragma once

#include <string>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/isakmp_sa.h"
#include "ipsec/ike/models.h"
#include "ipsec/ike/types.h"

namespace sw::ipsec::ike {

Failure FailureOf(Notification why);

class Report {
 public:
  explicit Report(const EngineServices& services) : services_(services) {}  // outlives this

  bool Wants(IkeTopic topic) const { return services_.wants && services_.wants(topic); }
  void Tell(IkeTopic topic, const IsakmpSa& sa, const std::string& text, IkeEventKind what = IkeEventKind::kNote) const;
  void Tell(IkeTopic topic, Ipv4 local, Ipv4 remote, const std::string& peer, const std::string& text,
            IkeEventKind what = IkeEventKind::kNote) const;
  // Remembered, so that the failure of the exchange can be told by its cause.
  void Explain(IsakmpSa& sa, const std::string& text) const;
  void Failed(IsakmpSa& sa, Failure failure, const std::string& detail) const;
  void Failed(Ipv4 local, Ipv4 remote, const std::string& peer, int phase, Failure failure,
              const std::string& detail) const;
  // A message: counted; with an SA also told, and remembered as its trouble.
  void Dropped(Notification why);
  void Dropped(IsakmpSa& sa, Notification why);

  Counters counters;

 private:
  const EngineServices& services_;
};

}  // namespace sw::ipsec::ike
