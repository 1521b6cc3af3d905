// The memory that driver and card share: the queues in front, then a page for each packet in flight and some for large
// ones, lists of pieces, and keys on their way. Packets are copied in and out, so that a card that misbehaves, or
// writes late, can spoil only bytes that nobody uses.
//
// One block, asked of the transport once and kept over restarts; zeroed at each. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/pcie/card_map.h"

namespace sw::hal::pcie {

class PacketMemory {
 public:
  static constexpr std::size_t kKeyBytes = 128;

  // `front` bytes for the queues, room for `depth` packets and `commands` keys. The transport's error.
  Status LayOut(DmaMemory& system, std::size_t front, std::size_t depth, std::size_t commands);
  DmaBlock Front(std::size_t at, std::size_t bytes) const { return {block_.bytes + at, block_.address + at, bytes}; }

  // Where a packet's bytes beyond its own page are; owned by whoever keeps the packet's tag.
  using Pages = std::vector<std::uint16_t>;
  bool HasRoomFor(std::uint32_t bytes) const {  // also: it is so large that no page is used
    const std::size_t pages = (std::size_t{bytes} + kPageBytes - 1) / kPageBytes;
    return pages <= free_.size() + 1 || pages > kMostSegments;
  }
  Pieces Place(const CryptoOp& op, std::uint16_t tag, Pages& pages);
  // Copies [offset, +length) back into the packet; nothing when the range is not within it.
  void TakeBack(const CryptoOp& op, std::uint16_t tag, const Pages& pages, std::uint32_t offset,
                std::uint64_t length) const;
  void Free(Pages& pages) {
    if (pages.empty()) return;
    free_.insert(free_.end(), pages.begin(), pages.end());
    pages.clear();
  }

  std::uint64_t PutKeys(std::size_t command, const SaSpec& spec);  // cipher key, integrity key: their address
  void WipeKeys(std::size_t command);
  void WipeAllKeys();

 private:
  static constexpr std::size_t kPageBytes = 2048, kExtraPages = 64;
  std::uint8_t* PageOf(std::uint16_t tag, const Pages& pages, std::size_t index) const {
    return pages_ + kPageBytes * (index == 0 ? tag : pages[index - 1]);
  }
  std::uint64_t AddressOf(const void* bytes) const {
    return block_.address + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(bytes) - block_.bytes);
  }

  DmaBlock block_;
  std::size_t commands_ = 0;
  std::uint8_t *pages_ = nullptr, *lists_ = nullptr, *keys_ = nullptr;
  Pages free_;
};

}  // namespace sw::hal::pcie
