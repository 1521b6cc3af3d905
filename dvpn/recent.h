// A table that never grows beyond a bound: what was touched longest ago makes room for what is new.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sw::dvpn {

template <typename Key, typename Value>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // Null: nothing is known of it.
  const Value* Find(const Key& key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second->second;
  }
  // There from now on, and touched.
  Value& Touch(const Key& key) {
    if (const auto found = rows_.find(key); found != rows_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front().second;
    }
    if (rows_.size() >= most_) {
      rows_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, Value());
    rows_[key] = order_.begin();
    return order_.front().second;
  }
  void Erase(const Key& key) {
    const auto found = rows_.find(key);
    if (found == rows_.end()) return;
    order_.erase(found->second);
    rows_.erase(found);
  }
  std::size_t size() const { return rows_.size(); }
  std::vector<Value> all() const {  // what was touched last in front
    std::vector<Value> out;
    for (const auto& [key, value] : order_) out.push_back(value);
    return out;
  }

 private:
  using Order = std::list<std::pair<Key, Value>>;  // what was touched last in front
  const std::size_t most_;
  Order order_;
  std::unordered_map<Key, typename Order::iterator> rows_;
};

}  // namespace sw::dvpn
