// What a client lent the server: ranges of addresses, with memory behind them where a descriptor came along, and behind
// a message exchange where none did.
#pragma once

#include <cstdint>
#include <map>

#include "hal/base/bytes.h"
#include "hal/ports/descriptor.h"

namespace sw::hal::vfio {

// Reaches memory of the client that came without a descriptor.
class RemoteMemory {
 public:
  virtual ~RemoteMemory() = default;
  virtual bool Read(std::uint64_t address, ByteSpan out) = 0;
  virtual bool Write(std::uint64_t address, ByteView bytes) = 0;
};

class DmaTable {
 public:
  explicit DmaTable(RemoteMemory& remote) : remote_(remote) {}
  ~DmaTable() { Clear(); }
  DmaTable(const DmaTable&) = delete;
  DmaTable& operator=(const DmaTable&) = delete;

  // 0 or an errno. The range of the file must exist: memory behind its end would end the process when touched.
  int Map(std::uint64_t address, std::uint64_t size, std::uint32_t flags, const Descriptor* fd, std::uint64_t offset);
  int Unmap(std::uint64_t address, std::uint64_t size);
  void Clear();
  std::size_t size() const { return ranges_.size(); }

  bool Read(std::uint64_t address, ByteSpan out);
  bool Write(std::uint64_t address, ByteView bytes);
  bool WriteFlag(std::uint64_t address, std::uint32_t value);

 private:
  struct Range {
    std::uint64_t size = 0;
    std::uint32_t flags = 0;
    std::uint8_t* memory = nullptr;  // of the address
    void* mapping = nullptr;
    std::size_t mapped = 0;
  };
  // The part of [address, +size) that one range holds; size 0: none does.
  struct Piece {
    const Range* range = nullptr;
    std::uint64_t inside = 0, size = 0;
  };
  Piece Find(std::uint64_t address, std::uint64_t size) const;
  bool Holds(std::uint64_t address, std::uint64_t size, std::uint32_t flag) const;

  RemoteMemory& remote_;
  std::map<std::uint64_t, Range> ranges_;
};

}  // namespace sw::hal::vfio
