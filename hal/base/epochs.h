// When may memory go that readers without locks may still look at? When every reader has since been between two bursts.
//
// Readers (workers) say where they are: Enter before a burst, Leave when they have nothing to do. The one writer takes
// what is old out of sight first, hands it to Retire, and Reclaim lets go of what no reader can have any more. A reader
// that waits for packets holds nothing up. Readers never wait, whatever the writer does.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>

namespace sw {

class Epochs {
 public:
  static constexpr std::size_t kMostReaders = 16;

  // Reader `i`. What is read between the two stays valid until Leave, or the next Enter.
  void Enter(std::size_t i) { readers_[i].at.store(now_.load(), std::memory_order_seq_cst); }
  void Leave(std::size_t i) { readers_[i].at.store(kAway, std::memory_order_seq_cst); }

  // The writer. `old` is out of sight already, by a store of sequential consistency.
  void Retire(std::shared_ptr<const void> old) {
    if (old == nullptr) return;
    old_.push_back({now_.fetch_add(1) + 1, std::move(old)});
    Reclaim();
  }
  void Reclaim() {
    if (old_.empty()) return;
    std::uint64_t oldest = kAway;
    for (const Reader& r : readers_) oldest = std::min(oldest, r.at.load(std::memory_order_seq_cst));
    while (!old_.empty() && old_.front().since <= oldest) old_.pop_front();
  }
  std::size_t waiting() const { return old_.size(); }

 private:
  static constexpr std::uint64_t kAway = UINT64_MAX;
  struct alignas(64) Reader {
    std::atomic<std::uint64_t> at = kAway;
  };
  struct Old {
    std::uint64_t since;  // readers that came in this epoch or later cannot have it
    std::shared_ptr<const void> object;
  };
  std::atomic<std::uint64_t> now_ = 1;
  std::array<Reader, kMostReaders> readers_;
  std::deque<Old> old_;
};

}  // namespace sw
