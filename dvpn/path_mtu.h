// What the path to one peer carries, found out by sealed probes that are lost rather than cut (RFC 8899 in spirit; no
// ICMP of strangers is believed). One question of the wanted size; when it stays unanswered, volleys of smaller ones.
// Asked again from time to time, since paths change.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "dvpn/constants.h"

namespace sw::dvpn {

class PathMtu {
 public:
  // Sizes are those of IP packets.
  PathMtu(Time now, std::size_t wanted) : wanted_(wanted), next_(now) {}

  Time deadline() const { return next_; }
  std::size_t found() const { return found_; }  // 0: nothing narrower than wanted

  template <typename State>
  void Fields(State& state) {
    state(wanted_, best_, found_, tries_, next_);
    const bool sizes = wanted_ >= kPathBase && wanted_ <= kPathLargest && best_ <= wanted_ && found_ <= wanted_ &&
                       (found_ == 0 || found_ >= kPathSizes.back());
    if (!sizes || tries_ < 0 || tries_ > kPathTries) state.Refuse();
  }

  // The sizes to probe now; call when the deadline is over.
  std::vector<std::size_t> Due(Time now) {
    std::vector<std::size_t> out;
    if (tries_ == 0) best_ = 0;
    if (tries_ < kPathTries) {
      out.push_back(wanted_);
      if (tries_ > 0)
        for (const std::size_t size : kPathSizes)
          if (size < wanted_ && size > best_) out.push_back(size);
      ++tries_;
      next_ = now + kPathAnswer;
    } else {
      tries_ = 0;
      next_ = now + kPathBelieved;
    }
    return out;
  }
  // A probe of `size` arrived; true when found() is another one now.
  bool Arrived(Time now, std::size_t size) {
    if (size < kPathSizes.back() || size > wanted_) return false;  // was not asked for
    const std::size_t before = found_;
    best_ = std::max(best_, size);
    found_ = best_ >= wanted_ ? 0 : best_;
    if (found_ == 0) {
      tries_ = 0;
      next_ = now + kPathBelieved;
    }
    return found_ != before;
  }

 private:
  std::size_t wanted_, best_ = 0, found_ = 0;
  int tries_ = 0;
  Time next_;
};

}  // namespace sw::dvpn
