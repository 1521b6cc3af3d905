// What a server relayed between each two of its clients, and how often it told them of each other: for `display dvpn
// why`, nothing is decided by it. Bounded; a pair that is quiet for kPairMemory is forgotten.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "dvpn/models.h"

namespace sw::dvpn {

class PairLog {
 public:
  void Relayed(Time now, Ipv4 a, Ipv4 b);
  void Told(Ipv4 a, Ipv4 b);  // of a pair that was relayed
  std::optional<PairInfo> Find(Ipv4 a, Ipv4 b) const;
  std::size_t size() const { return pairs_.size(); }

 private:
  void Forget(Time now);

  std::unordered_map<std::uint64_t, PairInfo> pairs_;
  std::deque<std::pair<Time, std::uint64_t>> order_;  // one entry a pair: when to look whether it is quiet
};

}  // namespace sw::dvpn
