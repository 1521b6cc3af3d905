// The message IDs of the exchanges that the other end has begun under one ISAKMP SA. One that comes again is a replay,
// so none is forgotten while the SA lives; an SA that has taken kMost of them ends, and a new one begins with none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace sw::ipsec::ike {

class MessageIds {
 public:
  static constexpr std::size_t kMost = 16384;           // our choice: half a megabyte at most
  static constexpr std::size_t kRenew = kMost / 4 * 3;  // our choice: the initiator asks for a new SA in time

  bool Has(std::uint32_t id) const { return ids_.contains(id); }
  void Add(std::uint32_t id) { ids_.insert(id); }
  template <typename State>
  void Fields(State& state) {
    std::vector<std::uint32_t> list(ids_.begin(), ids_.end());
    state(list);
    if (list.size() > kMost) return state.Refuse();
    ids_.clear();
    ids_.insert(list.begin(), list.end());
  }
  std::size_t size() const { return ids_.size(); }
  bool worn() const { return ids_.size() >= kRenew; }
  bool full() const { return ids_.size() >= kMost; }

 private:
  std::unordered_set<std::uint32_t> ids_;
};

}  // namespace sw::ipsec::ike
