// A bounded queue of packets from one thread to one other, without locks: places of fixed size, made once. What does
// not fit is refused, so that a flood fills this and nothing else.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "hal/base/packet.h"

namespace sw {

template <typename Note>  // what goes along with the bytes
class Handover {
 public:
  static constexpr std::size_t kPlaceBytes = Packet::kRoom - Packet::kHeadroom;

  explicit Handover(std::size_t places) : count_(places), places_(std::make_unique<Place[]>(places)) {}

  bool Put(const Note& note, ByteView bytes) {  // the one thread
    const std::size_t at = put_.load(std::memory_order_relaxed);
    if (at - taken_.load(std::memory_order_acquire) == count_ || bytes.size() > kPlaceBytes) return false;
    Place& place = places_[at % count_];
    place.note = note;
    place.size = bytes.size();
    std::copy(bytes.begin(), bytes.end(), place.bytes);
    put_.store(at + 1, std::memory_order_release);
    return true;
  }
  // The other. Calls visit(note, bytes) for what is there, at most `most` times; returns how often.
  template <typename Visit>
  std::size_t Take(std::size_t most, Visit visit) {
    const std::size_t from = taken_.load(std::memory_order_relaxed);
    const std::size_t end = std::min(put_.load(std::memory_order_acquire), from + most);
    for (std::size_t at = from; at != end; ++at) {
      const Place& place = places_[at % count_];
      visit(place.note, ByteView(place.bytes, place.size));
      taken_.store(at + 1, std::memory_order_release);
    }
    return end - from;
  }
  bool empty() const { return put_.load(std::memory_order_acquire) == taken_.load(std::memory_order_acquire); }

 private:
  struct Place {
    Note note;
    std::size_t size;
    std::uint8_t bytes[kPlaceBytes];
  };
  const std::size_t count_;
  std::unique_ptr<Place[]> places_;
  alignas(64) std::atomic<std::size_t> put_ = 0;
  alignas(64) std::atomic<std::size_t> taken_ = 0;
};

}  // namespace sw
