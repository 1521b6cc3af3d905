#include "dvpn/pair_log.h"

#include <algorithm>

#include "dvpn/constants.h"

namespace sw::dvpn {
namespace {

std::uint64_t KeyOf(Ipv4 a, Ipv4 b) {
  return (std::uint64_t{std::min(a, b).value} << 32) | std::max(a, b).value;
}

}  // namespace

// An entry of a pair that spoke meanwhile goes to the back again, at most once in kPairMemory; when there is no room,
// the one at the front goes as it is.
void PairLog::Forget(Time now) {
  while (!order_.empty() && (now >= order_.front().first || pairs_.size() >= kMaxRedirectPairs)) {
    const std::uint64_t key = order_.front().second;
    order_.pop_front();
    const Time quiet = pairs_.at(key).last + kPairMemory;
    if (now < quiet && pairs_.size() < kMaxRedirectPairs) {
      order_.emplace_back(quiet, key);
    } else {
      pairs_.erase(key);
    }
  }
}

void PairLog::Relayed(Time now, Ipv4 a, Ipv4 b) {
  const std::uint64_t key = KeyOf(a, b);
  auto found = pairs_.find(key);
  if (found == pairs_.end()) {
    Forget(now);
    found = pairs_.emplace(key, PairInfo{}).first;
    found->second.since = now;
    order_.emplace_back(now + kPairMemory, key);
  } else if (now >= found->second.last + kPairQuiet) {
    found->second.since = now;
    found->second.told = 0;
  }
  ++found->second.relayed;
  found->second.last = now;
}

void PairLog::Told(Ipv4 a, Ipv4 b) {
  if (const auto found = pairs_.find(KeyOf(a, b)); found != pairs_.end()) ++found->second.told;
}

std::optional<PairInfo> PairLog::Find(Ipv4 a, Ipv4 b) const {
  const auto found = pairs_.find(KeyOf(a, b));
  return found == pairs_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sw::dvpn
