// Who has what: ids found by a key that several may share. A pure value; one step costs the logarithm of its size.
#pragma once

#include <optional>
#include <set>
#include <utility>

namespace sw::device {

// A default Id is the lowest there is.
template <typename Key, typename Id>
class Index {
 public:
  void Add(Key key, Id id) { entries_.emplace(std::move(key), std::move(id)); }
  void Remove(const Key& key, const Id& id) { entries_.erase({key, id}); }

  // Ascending by id.
  template <typename Visit>
  void Each(const Key& key, Visit visit) const {
    for (auto at = entries_.lower_bound({key, Id()}); at != entries_.end() && at->first == key; ++at) visit(at->second);
  }
  // The lowest id besides `but` that has the key.
  std::optional<Id> Other(const Key& key, const Id& but) const {
    auto at = entries_.lower_bound({key, Id()});
    if (at != entries_.end() && at->first == key && at->second == but) ++at;
    return at != entries_.end() && at->first == key ? std::optional(at->second) : std::nullopt;
  }

 private:
  std::set<std::pair<Key, Id>> entries_;
};

}  // namespace sw::device
