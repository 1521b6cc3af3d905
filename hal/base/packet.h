// Packet storage with headroom, so that ESP and UDP headers go in front in place, and a pool that makes
// a packet cost no allocation once the pool has grown. One thread per pool.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "hal/base/bytes.h"

namespace sw {

class Packet {
 public:
  static constexpr std::size_t kHeadroom = 128;  // UDP, ESP header and IV fit; measured largest need: 52
  static constexpr std::size_t kRoom = 2048;     // an Ethernet frame with both headers and the ESP trailer

  ByteSpan data() { return ByteSpan(store_).subspan(begin_, size_); }
  ByteView data() const { return ByteView(store_).subspan(begin_, size_); }
  std::size_t size() const { return size_; }
  std::size_t headroom() const { return begin_; }
  std::size_t tailroom() const { return kRoom - begin_ - size_; }

  // Each returns the bytes concerned, or an empty span and leaves the packet alone when there is no room.
  ByteSpan Prepend(std::size_t n) {
    if (n > begin_) return {};
    begin_ -= n;
    size_ += n;
    return data().first(n);
  }
  ByteSpan Append(std::size_t n) {
    if (n > tailroom()) return {};
    size_ += n;
    return data().last(n);
  }
  bool TrimFront(std::size_t n) {
    if (n > size_) return false;
    begin_ += n;
    size_ -= n;
    return true;
  }
  bool TrimBack(std::size_t n) {
    if (n > size_) return false;
    size_ -= n;
    return true;
  }
  // Empties the packet; what follows starts after the full headroom.
  void Clear() {
    begin_ = kHeadroom;
    size_ = 0;
  }
  bool Assign(ByteView bytes) {
    Clear();
    ByteSpan room = Append(bytes.size());
    if (room.size() != bytes.size()) return false;
    std::copy(bytes.begin(), bytes.end(), room.begin());
    return true;
  }
  // Where a port reads into: all room behind the headroom. SetSize says how much of it was filled.
  ByteSpan room() { return ByteSpan(store_).subspan(kHeadroom); }
  void SetSize(std::size_t n) {
    begin_ = kHeadroom;
    size_ = std::min(n, kRoom - kHeadroom);
  }

 private:
  std::array<std::uint8_t, kRoom> store_;  // deliberately not cleared per packet
  std::size_t begin_ = kHeadroom, size_ = 0;
};

class PacketPool;
struct PacketReturn {
  PacketPool* pool = nullptr;
  inline void operator()(Packet* p) const;
};
using PacketPtr = std::unique_ptr<Packet, PacketReturn>;

// Must outlive every packet taken from it.
class PacketPool {
 public:
  PacketPool() = default;
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  PacketPtr Take() {
    if (free_.empty()) return PacketPtr(new Packet, PacketReturn{this});
    Packet* p = free_.back().release();
    free_.pop_back();
    p->Clear();
    return PacketPtr(p, PacketReturn{this});
  }
  // A packet holding a copy of `bytes`; null when they do not fit.
  PacketPtr Copy(ByteView bytes) {
    PacketPtr p = Take();
    if (!p->Assign(bytes)) p.reset();
    return p;
  }

 private:
  friend struct PacketReturn;
  std::vector<std::unique_ptr<Packet>> free_;
};

inline void PacketReturn::operator()(Packet* p) const {
  if (pool == nullptr) {
    delete p;
  } else {
    pool->free_.emplace_back(p);
  }
}

}  // namespace sw
