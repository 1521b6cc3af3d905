// A table whose places are named by handles that do not come back soon: handle % size is the place, and a place that is
// taken again gets another handle, so that a stale one finds nothing. The tables of a card and of its failover are
// such.
//
// A value; one thread. A pointer into it lasts until the next Add.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal {

template <typename T>
class HandleTable {
 public:
  struct Entry {
    SaHandle handle = 0;
    bool used = false;
    T value{};
  };
  explicit HandleTable(std::size_t size = 1) : size_(size) {}

  // Whoever adds looks first whether count() leaves room: below size().
  SaHandle Add(T value) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back().handle = free_.back();
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    Entry& entry = entries_[place];
    const std::uint64_t next = std::uint64_t{entry.handle} + size_;
    const bool fits = next <= std::numeric_limits<SaHandle>::max();
    entry = {static_cast<SaHandle>(fits ? next : place + size_), true, std::move(value)};
    ++count_;
    return entry.handle;
  }
  T* Find(SaHandle handle) {
    const std::size_t place = handle % size_;
    if (place >= entries_.size() || !entries_[place].used || entries_[place].handle != handle) return nullptr;
    return &entries_[place].value;
  }
  void Remove(SaHandle handle) {  // one that Find finds
    const std::size_t place = handle % size_;
    entries_[place].used = false;
    entries_[place].value = {};
    --count_;
    free_.push_back(static_cast<std::uint32_t>(place));
  }
  std::size_t count() const { return count_; }
  std::size_t size() const { return size_; }
  std::vector<Entry>& entries() { return entries_; }  // those not used among them

 private:
  std::size_t size_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t count_ = 0;
};

}  // namespace sw::hal
