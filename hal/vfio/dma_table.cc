#include "hal/vfio/dma_table.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "hal/vfio/wire.h"

namespace sw::hal::vfio {

int DmaTable::Map(std::uint64_t address, std::uint64_t size, std::uint32_t flags, const Descriptor* fd,
                  std::uint64_t offset) {
  if (size == 0 || address + size < address || flags == 0 || (flags & ~3U) != 0) return EINVAL;
  if (ranges_.size() >= kMostMaps) return ENOSPC;
  auto next = ranges_.lower_bound(address);
  if (next != ranges_.end() && next->first < address + size) return EINVAL;
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second.size > address) return EINVAL;
  }
  Range range{size, flags};
  if (fd != nullptr) {
    struct stat file {};
    if (offset + size < offset || ::fstat(fd->get(), &file) != 0) return EINVAL;
    if (!S_ISREG(file.st_mode) || static_cast<std::uint64_t>(file.st_size) < offset + size) return EINVAL;
    const std::uint64_t skip = offset % static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const int protection = ((flags & 1) != 0 ? PROT_READ : 0) | ((flags & 2) != 0 ? PROT_WRITE : 0);
    void* memory = ::mmap(nullptr, size + skip, protection, MAP_SHARED, fd->get(), static_cast<off_t>(offset - skip));
    if (memory == MAP_FAILED) return errno;
    range.mapping = memory;
    range.mapped = size + skip;
    range.memory = static_cast<std::uint8_t*>(memory) + skip;
  }
  ranges_.emplace(address, range);
  return 0;
}

int DmaTable::Unmap(std::uint64_t address, std::uint64_t size) {
  const auto found = ranges_.find(address);
  if (found == ranges_.end() || found->second.size != size) return ENOENT;
  if (found->second.mapping != nullptr) ::munmap(found->second.mapping, found->second.mapped);
  ranges_.erase(found);
  return 0;
}

void DmaTable::Clear() {
  for (const auto& [address, range] : ranges_)
    if (range.mapping != nullptr) ::munmap(range.mapping, range.mapped);
  ranges_.clear();
}

DmaTable::Piece DmaTable::Find(std::uint64_t address, std::uint64_t size) const {
  auto it = ranges_.upper_bound(address);
  if (it == ranges_.begin()) return {};
  --it;
  const std::uint64_t inside = address - it->first;
  if (inside >= it->second.size) return {};
  return {&it->second, inside, std::min(size, it->second.size - inside)};
}

bool DmaTable::Holds(std::uint64_t address, std::uint64_t size, std::uint32_t flag) const {
  if (address + size < address) return false;
  while (size != 0) {
    const Piece piece = Find(address, size);
    if (piece.size == 0 || (piece.range->flags & flag) == 0) return false;
    address += piece.size;
    size -= piece.size;
  }
  return true;
}

bool DmaTable::Read(std::uint64_t address, ByteSpan out) {
  if (!Holds(address, out.size(), 1)) return false;
  while (!out.empty()) {
    const Piece piece = Find(address, out.size());
    const ByteSpan part = out.first(static_cast<std::size_t>(piece.size));
    if (piece.range->memory != nullptr) {
      std::memcpy(part.data(), piece.range->memory + piece.inside, part.size());
    } else if (!remote_.Read(address, part)) {
      return false;
    }
    address += piece.size;
    out = out.subspan(part.size());
  }
  return true;
}

bool DmaTable::Write(std::uint64_t address, ByteView bytes) {
  if (!Holds(address, bytes.size(), 2)) return false;
  while (!bytes.empty()) {
    const Piece piece = Find(address, bytes.size());
    const ByteView part = bytes.first(static_cast<std::size_t>(piece.size));
    if (piece.range->memory != nullptr) {
      std::memcpy(piece.range->memory + piece.inside, part.data(), part.size());
    } else if (!remote_.Write(address, part)) {
      return false;
    }
    address += piece.size;
    bytes = bytes.subspan(part.size());
  }
  return true;
}

bool DmaTable::WriteFlag(std::uint64_t address, std::uint32_t value) {
  const Piece piece = Find(address, sizeof value);
  if (address % 4 != 0 || piece.size != sizeof value || (piece.range->flags & 2) == 0) return false;
  if (piece.range->memory == nullptr) {
    return remote_.Write(address, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }
  auto* word = reinterpret_cast<std::uint32_t*>(piece.range->memory + piece.inside);
  if (reinterpret_cast<std::uintptr_t>(word) % 4 != 0) return false;
  std::atomic_ref<std::uint32_t>(*word).store(value, std::memory_order_release);
  return true;
}

}  // namespace sw::hal::vfio
