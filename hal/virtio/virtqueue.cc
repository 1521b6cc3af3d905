#include "hal/virtio/virtqueue.h"

#include <atomic>
#include <cstring>

namespace sw::hal::virtio {
namespace {

constexpr std::size_t kRing = 4;       // behind flags and index of both areas
constexpr std::size_t kUsedBytes = 8;  // id and length
constexpr std::size_t kIndex = 2;      // in both areas

std::size_t Aligned(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}
std::size_t DriverArea(std::uint16_t size) {
  return Aligned(size * sizeof(Descriptor));
}
std::size_t DeviceArea(std::uint16_t size) {
  return DriverArea(size) + Aligned(kRing + 2U * size + 2);
}

}  // namespace

std::size_t Virtqueue::Bytes(std::uint16_t size) {
  return DeviceArea(size) + Aligned(kRing + kUsedBytes * size + 2);
}

Virtqueue::Virtqueue(pcie::DmaBlock memory, std::uint16_t size)
    : memory_(memory), size_(size), available_(DriverArea(size)), used_(DeviceArea(size)) {
  for (std::uint16_t id = size; id-- > 0;) free_.push_back(id);
}

std::uint16_t Virtqueue::Take() {
  const std::uint16_t id = free_.back();
  free_.pop_back();
  return id;
}

void Virtqueue::Post(std::uint16_t id, std::uint64_t table, std::uint32_t entries) {
  const Descriptor d{table, static_cast<std::uint32_t>(entries * sizeof(Descriptor)), kTable, 0};
  std::memcpy(memory_.bytes + id * sizeof d, &d, sizeof d);
  std::memcpy(memory_.bytes + available_ + kRing + 2U * (posted_++ & (size_ - 1U)), &id, sizeof id);
}

bool Virtqueue::Publish() {
  if (published_ == posted_) return false;
  published_ = posted_;
  auto* index = reinterpret_cast<std::uint16_t*>(memory_.bytes + available_ + kIndex);
  std::atomic_ref<std::uint16_t>(*index).store(posted_, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);  // before the doorbell
  return true;
}

std::optional<std::uint16_t> Virtqueue::NextUsed() {
  auto* index = reinterpret_cast<std::uint16_t*>(memory_.bytes + used_ + kIndex);
  if (std::atomic_ref<std::uint16_t>(*index).load(std::memory_order_acquire) == seen_) return std::nullopt;
  std::uint32_t id = 0;
  std::memcpy(&id, memory_.bytes + used_ + kRing + kUsedBytes * (seen_++ & (size_ - 1U)), sizeof id);
  return id < size_ ? static_cast<std::uint16_t>(id) : size_;
}

}  // namespace sw::hal::virtio
