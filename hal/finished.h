// Operations that are done and wait to be collected, in the order in which they were done.
//
// A value; one thread. Nothing is allocated once it has been as full as it gets.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal {

class Finished {
 public:
  void Add(const CryptoOp& op, Verdict verdict) { ops_.emplace_back(op).verdict = verdict; }
  std::size_t count() const { return ops_.size() - taken_; }
  // Fills a prefix of `done`, calls `leaves` with each, and returns its length.
  template <typename Leaves>
  std::size_t Collect(std::span<CryptoOp> done, Leaves leaves) {
    const std::size_t given = std::min(done.size(), count());
    for (CryptoOp& op : done.first(given)) {
      op = ops_[taken_++];
      leaves(op);
    }
    if (taken_ == ops_.size()) {
      ops_.clear();
      taken_ = 0;
    }
    return given;
  }

 private:
  std::vector<CryptoOp> ops_;
  std::size_t taken_ = 0;  // from the front
};

}  // namespace sw::hal
