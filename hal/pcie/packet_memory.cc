#include "hal/pcie/packet_memory.h"

#include <algorithm>
#include <cstring>

namespace sw::hal::pcie {

Status PacketMemory::LayOut(DmaMemory& system, std::size_t front, std::size_t depth, std::size_t commands) {
  const std::size_t pages = (depth + kExtraPages) * kPageBytes;
  const std::size_t lists = depth * kMostSegments * sizeof(Segment);
  const std::size_t total = front + pages + lists + commands * kKeyBytes;
  if (block_.size < total) {
    Result<DmaBlock> block = system.Allocate(total);
    if (!block.ok()) return block.status();
    block_ = *block;
  }
  std::memset(block_.bytes, 0, total);
  commands_ = commands;
  pages_ = block_.bytes + front;
  lists_ = pages_ + pages;
  keys_ = lists_ + lists;
  free_.clear();
  for (std::size_t i = depth + kExtraPages; i-- > depth;) free_.push_back(static_cast<std::uint16_t>(i));
  return {};
}

Pieces PacketMemory::Place(const CryptoOp& op, std::uint16_t tag, Pages& pages) {
  const std::size_t count = (std::size_t{op.size} + kPageBytes - 1) / kPageBytes;
  if (op.data == nullptr || op.size == 0 || count > kMostSegments) return {};
  pages.clear();
  while (pages.size() + 1 < count) {
    pages.push_back(free_.back());
    free_.pop_back();
  }
  auto* list = reinterpret_cast<Segment*>(lists_ + tag * kMostSegments * sizeof(Segment));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* page = PageOf(tag, pages, i);
    const std::size_t bytes = std::min<std::size_t>(kPageBytes, op.size - i * kPageBytes);
    std::memcpy(page, op.data + i * kPageBytes, bytes);
    list[i] = {AddressOf(page), static_cast<std::uint32_t>(bytes), 0};
  }
  return {{list, count}, AddressOf(list)};
}

void PacketMemory::TakeBack(const CryptoOp& op, std::uint16_t tag, const Pages& pages, std::uint32_t offset,
                            std::uint64_t length) const {
  if (offset > op.size || length > op.size - offset) return;
  if (offset + length <= kPageBytes) {  // most packets have one page
    std::memcpy(op.data + offset, pages_ + kPageBytes * tag + offset, length);
    return;
  }
  while (length != 0) {
    const std::uint32_t inside = offset % kPageBytes;
    const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, kPageBytes - inside));
    std::memcpy(op.data + offset, PageOf(tag, pages, offset / kPageBytes) + inside, bytes);
    offset += bytes;
    length -= bytes;
  }
}

std::uint64_t PacketMemory::PutKeys(std::size_t command, const SaSpec& spec) {
  std::uint8_t* keys = keys_ + command * kKeyBytes;
  std::ranges::copy(spec.cipher_key.view(), keys);
  std::ranges::copy(spec.integrity_key.view(), keys + spec.cipher_key.size());
  return AddressOf(keys);
}

void PacketMemory::WipeKeys(std::size_t command) {
  Wipe({keys_ + command * kKeyBytes, kKeyBytes});
}

void PacketMemory::WipeAllKeys() {
  if (keys_ != nullptr) Wipe({keys_, commands_ * kKeyBytes});
}

}  // namespace sw::hal::pcie
