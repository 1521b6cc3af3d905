// A scheduler whose time moves only when told to: simulations and tests. Equal times run in order of arming,
// so a run is a pure function of its inputs.
#pragma once

#include <map>
#include <unordered_map>
#include <utility>

#include "hal/base/clock.h"

namespace sw {

class VirtualScheduler final : public Scheduler {
 public:
  Time now() const override { return now_; }

  TimerId At(Time when, std::function<void()> task) override {
    const TimerId id = ++last_;
    const Key key{when < now_ ? now_ : when, id};
    queue_.emplace(key, std::move(task));
    keys_.emplace(id, key);
    return id;
  }

  void Cancel(TimerId id) override {
    auto it = keys_.find(id);
    if (it == keys_.end()) return;
    queue_.erase(it->second);
    keys_.erase(it);
  }

  // Runs everything due up to and including `until`, then stands at `until`.
  void RunUntil(Time until) {
    while (!queue_.empty() && queue_.begin()->first.first <= until) RunNext();
    if (now_ < until) now_ = until;
  }
  void RunFor(Duration d) { RunUntil(now_ + d); }
  // Runs until `done()` holds; false when `limit` passed first.
  template <typename Predicate>
  bool RunUntilTrue(Predicate done, Duration limit) {
    const Time end = now_ + limit;
    while (!done()) {
      if (queue_.empty() || queue_.begin()->first.first > end) {
        now_ = end;
        return done();
      }
      RunNext();
    }
    return true;
  }

 private:
  using Key = std::pair<Time, TimerId>;
  void RunNext() {
    auto node = queue_.extract(queue_.begin());
    keys_.erase(node.key().second);
    now_ = node.key().first;
    node.mapped()();
  }

  Time now_;
  TimerId last_ = 0;
  std::map<Key, std::function<void()>> queue_;
  std::unordered_map<TimerId, Key> keys_;
};

}  // namespace sw
