#include "hal/vfio/resets.h"

#include <errno.h>
#include <fmt/format.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <vector>

namespace sw::hal::vfio {
namespace {

constexpr std::size_t kMostOnABus = 256;

}  // namespace

Status ResetFunction(int device) {
  if (::ioctl(device, VFIO_DEVICE_RESET) == 0) return {};
  return {Code::kUnsupported, std::string("VFIO_DEVICE_RESET: ") + ::strerror(errno)};
}

Status ResetBus(int device, int group, const std::string& group_name) {
  constexpr std::size_t kBytes = sizeof(vfio_pci_hot_reset_info) + kMostOnABus * sizeof(vfio_pci_dependent_device);
  std::vector<std::uint64_t> room(kBytes / 8 + 1);
  auto* info = reinterpret_cast<vfio_pci_hot_reset_info*>(room.data());
  info->argsz = kBytes;
  if (::ioctl(device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info) != 0)
    return {Code::kUnsupported, std::string("the bus cannot be reset: ") + ::strerror(errno)};
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(info->count, kMostOnABus); ++i) {
    const vfio_pci_dependent_device& other = info->devices[i];
    if (std::to_string(other.group_id) != group_name)
      return {Code::kUnsupported, fmt::format("the bus may not be reset: {:04x}:{:02x}:{:02x}.{} is in another group",
                                              other.segment, other.bus, other.devfn >> 3, other.devfn & 7)};
  }
  std::vector<std::uint64_t> asked((sizeof(vfio_pci_hot_reset) + sizeof(std::int32_t)) / 8 + 1);
  auto* reset = reinterpret_cast<vfio_pci_hot_reset*>(asked.data());
  reset->argsz = sizeof(vfio_pci_hot_reset) + sizeof(std::int32_t);
  reset->count = 1;
  reset->group_fds[0] = group;
  if (::ioctl(device, VFIO_DEVICE_PCI_HOT_RESET, reset) == 0) return {};
  return {Code::kUnsupported, std::string("VFIO_DEVICE_PCI_HOT_RESET: ") + ::strerror(errno)};
}

}  // namespace sw::hal::vfio
