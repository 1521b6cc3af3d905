// What the IKE engine reports, as log lines and debugging output.
//
// Why a negotiation failed is told whether debugging is on or not, but at most once a minute for one peer, address and
// reason, and so many in a minute altogether: anybody can send a first message. Strangers have a budget of their own,
// so that they cannot drown what is said of configured peers. One thread; the monitor outlives the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "device/log/monitor.h"
#include "hal/base/clock.h"
#include "ipsec/ike/models.h"

namespace sw::device {

class IkeLog {
 public:
  static constexpr std::size_t kMostOfPeers = 30, kMostOfStrangers = 10;  // a minute; our choice

  IkeLog(Monitor& monitor, std::function<Time()> now) : monitor_(monitor), now_(std::move(now)) {}
  bool Wants(ipsec::ike::IkeTopic topic) const { return monitor_.debugging().wants(topic); }
  void OnEvent(const ipsec::ike::IkeEvent& event);

 private:
  // When something was said last; at most as many as the budget.
  using Said = std::map<std::tuple<std::string, Ipv4, ipsec::ike::Failure>, Time>;
  void LogFailure(const ipsec::ike::IkeEvent& event);

  Monitor& monitor_;
  std::function<Time()> now_;
  Said peers_, strangers_;
  std::uint64_t left_out_ = 0;  // beyond the budgets
};

}  // namespace sw::device
