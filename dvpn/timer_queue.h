// Which object wants to be woken next: one deadline per key, O(log n). Equal deadlines come in order of key, so a run
// is a pure function of its inputs.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "hal/base/clock.h"

namespace sw::dvpn {

class TimerQueue {
 public:
  void Set(std::uint64_t key, Time when) {
    auto [it, fresh] = when_.try_emplace(key, when);
    if (!fresh) {
      if (it->second == when) return;
      order_.erase({it->second, key});
      it->second = when;
    }
    order_.insert({when, key});
  }
  void Erase(std::uint64_t key) {
    const auto it = when_.find(key);
    if (it == when_.end()) return;
    order_.erase({it->second, key});
    when_.erase(it);
  }
  Time next() const { return order_.empty() ? Time::Never() : order_.begin()->first; }
  // Removes and returns one key that is due.
  std::optional<std::uint64_t> Pop(Time now) {
    if (order_.empty() || now < order_.begin()->first) return std::nullopt;
    const std::uint64_t key = order_.begin()->second;
    order_.erase(order_.begin());
    when_.erase(key);
    return key;
  }
  std::size_t size() const { return order_.size(); }

 private:
  std::set<std::pair<Time, std::uint64_t>> order_;
  std::unordered_map<std::uint64_t, Time> when_;
};

}  // namespace sw::dvpn
