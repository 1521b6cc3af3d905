// The vfio-user protocol as published (QEMU docs/interop/vfio-user.rst): messages over a UNIX stream socket, little
// endian, packed, file descriptors beside them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sw::hal::vfio {

enum class Command : std::uint16_t {
  kVersion = 1,
  kDmaMap = 2,
  kDmaUnmap = 3,
  kDeviceInfo = 4,
  kRegionInfo = 5,
  kRegionIoFds = 6,
  kIrqInfo = 7,
  kSetIrqs = 8,
  kRegionRead = 9,
  kRegionWrite = 10,
  kDmaRead = 11,  // server to client, as kDmaWrite
  kDmaWrite = 12,
  kReset = 13,
};

struct Header {
  std::uint16_t id;  // of the sender's choice; ids of the two directions have nothing to do with each other
  Command command;
  std::uint32_t size;  // with this header
  std::uint32_t flags;
  std::uint32_t error;  // errno, with kFlagError
};
static_assert(sizeof(Header) == 16);
inline constexpr std::uint32_t kFlagReply = 1, kFlagTypeMask = 0xf, kFlagNoReply = 0x10, kFlagError = 0x20;

inline constexpr std::uint16_t kMajor = 0, kMinor = 2;
inline constexpr std::size_t kMostFds = 16;
inline constexpr std::uint32_t kMostData = 1 << 20;  // of one region or DMA transfer
inline constexpr std::uint32_t kMostMessage = kMostData + 64;
inline constexpr std::uint32_t kMostVersion = 4096;  // of a version message: our limit
inline constexpr std::size_t kMostMaps = 65535;

struct Version {  // then JSON with a closing NUL
  std::uint16_t major, minor;
};
struct DmaMap {
  std::uint32_t argsz, flags;  // 1 readable, 2 writable
  std::uint64_t offset, address, size;
};
static_assert(sizeof(DmaMap) == 32);
struct DmaUnmap {
  std::uint32_t argsz, flags;  // 2: everything
  std::uint64_t address, size;
};
static_assert(sizeof(DmaUnmap) == 24);
inline constexpr std::uint32_t kUnmapAll = 2;
struct DeviceInfo {
  std::uint32_t argsz, flags, regions, irqs;
};
inline constexpr std::uint32_t kDeviceReset = 1, kDevicePci = 2;
struct RegionInfo {
  std::uint32_t argsz, flags, index, cap_offset;
  std::uint64_t size, offset;
};
static_assert(sizeof(RegionInfo) == 32);
inline constexpr std::uint32_t kRegionReadable = 1, kRegionWritable = 2;
struct IrqInfo {
  std::uint32_t argsz, flags, index, count;
};
inline constexpr std::uint32_t kIrqEventFd = 1;
struct SetIrqs {
  std::uint32_t argsz, flags, index, start, count;
};
static_assert(sizeof(SetIrqs) == 20);
inline constexpr std::uint32_t kIrqNone = 1, kIrqBool = 2, kIrqFd = 4, kIrqMask = 8, kIrqUnmask = 16, kIrqTrigger = 32;
struct RegionAccess {  // then the data
  std::uint64_t offset;
  std::uint32_t region, count;
};
static_assert(sizeof(RegionAccess) == 16);
struct DmaAccess {  // then the data
  std::uint64_t address, count;
};

// Indices of VFIO's PCI devices.
inline constexpr std::uint32_t kRegions = 9, kBar0Region = 0, kBar2Region = 2, kConfigRegion = 7;
inline constexpr std::uint32_t kIrqs = 5, kMsixIrq = 2, kRequestIrq = 4;

}  // namespace sw::hal::vfio
