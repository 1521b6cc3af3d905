#include "hal/card/model_transport.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace sw::hal::card {
namespace {
constexpr std::size_t kPage = 4096;
}

Result<pcie::DmaBlock> ModelTransport::Allocate(std::size_t bytes) {
  const std::size_t size = (bytes + kPage - 1) / kPage * kPage;
  auto* memory = static_cast<std::uint8_t*>(std::aligned_alloc(kPage, size));
  if (memory == nullptr) return Status(Code::kDevice, "no memory for the card");
  std::memset(memory, 0, size);
  blocks_.push_back({{memory, std::free}, next_, size});
  next_ += size + kPage;  // a gap, so that running over an end is noticed
  return pcie::DmaBlock{memory, blocks_.back().address, size};
}

std::uint8_t* ModelTransport::At(std::uint64_t address, std::size_t size) {
  for (const Block& block : blocks_) {
    if (address >= block.address && address - block.address <= block.size &&
        size <= block.size - (address - block.address)) {
      return block.bytes.get() + (address - block.address);
    }
  }
  return nullptr;
}

bool ModelTransport::Read(std::uint64_t address, ByteSpan out) {
  const std::uint8_t* from = At(address, out.size());
  if (from == nullptr) return false;
  std::copy_n(from, out.size(), out.data());
  return true;
}

bool ModelTransport::Write(std::uint64_t address, ByteView bytes) {
  std::uint8_t* to = At(address, bytes.size());
  if (to == nullptr) return false;
  std::copy(bytes.begin(), bytes.end(), to);
  return true;
}

bool ModelTransport::WriteFlag(std::uint64_t address, std::uint32_t value) {
  std::uint8_t* to = At(address, sizeof value);
  if (to == nullptr || address % 4 != 0) return false;
  std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(to)).store(value, std::memory_order_release);
  return true;
}

}  // namespace sw::hal::card
