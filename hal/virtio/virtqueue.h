// A split virtqueue over memory that driver and device share, where each request is one indirect table. Source: OASIS
// virtio 1.2, section 2.7.
//
// A value over a block that outlives it; one thread. What the device writes is hostile: an id is checked by whoever
// gets it from NextUsed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hal/pcie/bus.h"

namespace sw::hal::virtio {

struct Descriptor {
  std::uint64_t address;
  std::uint32_t length;
  std::uint16_t flags;
  std::uint16_t next;
};
static_assert(sizeof(Descriptor) == 16);
inline constexpr std::uint16_t kNext = 1, kDeviceWrites = 2, kTable = 4;  // of Descriptor::flags

class Virtqueue {
 public:
  // `size` is a power of two; `memory` is Bytes(size) of zeros, aligned to 64.
  static std::size_t Bytes(std::uint16_t size);
  Virtqueue(pcie::DmaBlock memory, std::uint16_t size);

  std::uint16_t size() const { return size_; }
  std::uint64_t descriptors() const { return memory_.address; }
  std::uint64_t driver_area() const { return memory_.address + available_; }
  std::uint64_t device_area() const { return memory_.address + used_; }

  bool full() const { return free_.empty(); }
  std::uint16_t Take();                                                     // not when full: a request's id
  void Post(std::uint16_t id, std::uint64_t table, std::uint32_t entries);  // the device may have it after Publish
  bool Publish();                                                           // false: nothing was posted since
  std::optional<std::uint16_t> NextUsed();                                  // an id that the device says is done
  void Free(std::uint16_t id) { free_.push_back(id); }                      // one of Take's

 private:
  pcie::DmaBlock memory_;
  std::uint16_t size_;
  std::size_t available_, used_;  // offsets in memory_
  std::vector<std::uint16_t> free_;
  std::uint16_t posted_ = 0, published_ = 0, seen_ = 0;
};

}  // namespace sw::hal::virtio
