#include "hal/virtio/pci_layout.h"

namespace sw::hal::virtio {
namespace {

constexpr std::uint32_t kCapabilityPointer = 0x34, kVendorSpecific = 9;
constexpr int kMostCapabilities = 48;  // as many as fit into configuration space
constexpr std::uint8_t kCommonType = 1, kNotifyType = 2, kDeviceType = 4;
constexpr std::uint8_t kBars = 6;

}  // namespace

std::optional<PciLayout> FindLayout(pcie::RegisterBus& bus) {
  PciLayout out;
  bool found[5] = {};
  std::uint32_t at = bus.ReadConfig(kCapabilityPointer) & 0xfc;
  for (int seen = 0; at >= 0x40 && seen < kMostCapabilities; ++seen) {
    const std::uint32_t head = bus.ReadConfig(at);
    const auto type = static_cast<std::uint8_t>(head >> 24);
    const auto bar = static_cast<std::uint8_t>(bus.ReadConfig(at + 4));
    const bool ours = (head & 0xff) == kVendorSpecific && bar < kBars &&
                      (type == kCommonType || type == kNotifyType || type == kDeviceType);
    if (ours && !found[type]) {  // the first of a type is the one that the device prefers
      const pcie::BarPlace place{bar, bus.ReadConfig(at + 8)};
      (type == kCommonType ? out.common : type == kNotifyType ? out.notify : out.device) = place;
      if (type == kNotifyType) out.notify_multiplier = bus.ReadConfig(at + 16);
      found[type] = true;
    }
    at = head >> 8 & 0xfc;
  }
  if (!found[kCommonType] || !found[kNotifyType] || !found[kDeviceType]) return std::nullopt;
  return out;
}

}  // namespace sw::hal::virtio
