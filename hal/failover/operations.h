// The operations of a failover device between Submit and Complete, and which engine has each.
//
// A value; one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "hal/base/bytes.h"
#include "hal/finished.h"

namespace sw::hal {

class Operations {
 public:
  enum class Where : std::uint8_t { kNowhere, kCard, kSoftware };
  struct Slot {
    CryptoOp op;  // the caller's
    std::uint64_t number = 0;
    Where where = Where::kNowhere;
    bool shadowed = false;
    Bytes before;  // shadowed: the packet as it was submitted
  };
  explicit Operations(std::size_t size) : slots_(size) {
    for (std::size_t i = size; i-- > 0;) free_.push_back(static_cast<std::uint32_t>(i));
  }

  bool full() const { return free_.empty() || submitted_ - collected_ >= slots_.size(); }
  bool idle() const { return submitted_ == collected_; }
  std::uint32_t Take(const CryptoOp& op) {  // not when full
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.op = op;
    slot.number = ++submitted_;
    slot.shadowed = false;
    return index;
  }
  Slot& at(std::uint32_t index) { return slots_[index]; }
  void Finish(std::uint32_t index, Verdict verdict) {
    slots_[index].where = Where::kNowhere;
    finished_.Add(slots_[index].op, verdict);
    free_.push_back(index);
  }
  template <typename Leaves>  // called with each
  std::size_t Collect(std::span<CryptoOp> done, Leaves leaves) {
    const std::size_t given = finished_.Collect(done, leaves);
    collected_ += given;
    return given;
  }
  std::vector<std::uint32_t> With(Where where) const {  // in the order in which they were submitted
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].where == where) out.push_back(i);
    std::ranges::sort(out, {}, [this](std::uint32_t i) { return slots_[i].number; });
    return out;
  }

 private:
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  Finished finished_;
  std::uint64_t submitted_ = 0, collected_ = 0;
};

}  // namespace sw::hal
