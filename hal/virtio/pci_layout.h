// Where a modern virtio device has its structures: found by its vendor-specific PCI capabilities. Source: OASIS virtio
// 1.2, sections 4.1.4 to 4.1.5.
#pragma once

#include <cstdint>
#include <optional>

#include "hal/pcie/bus.h"

namespace sw::hal::virtio {

struct PciLayout {
  pcie::BarPlace common, notify, device;
  std::uint32_t notify_multiplier = 0;
};

// nullopt: one of them is missing. A device's capabilities are hostile: they may point anywhere, and in circles.
std::optional<PciLayout> FindLayout(pcie::RegisterBus& bus);

// Offsets in the common structure (section 4.1.4.3), with the width in bytes.
struct Field {
  std::uint32_t offset;
  std::size_t bytes;
};
inline constexpr Field kDeviceFeatureSelect{0, 4}, kDeviceFeature{4, 4}, kDriverFeatureSelect{8, 4},
    kDriverFeature{12, 4}, kConfigVector{16, 2}, kQueues{18, 2}, kStatus{20, 1}, kQueueSelect{22, 2}, kQueueSize{24, 2},
    kQueueVector{26, 2}, kQueueEnable{28, 2}, kQueueNotifyOffset{30, 2}, kQueueDescriptors{32, 4}, kQueueDriver{40, 4},
    kQueueDevice{48, 4};

// Bits of the status (section 2.1) and of the features (section 6).
inline constexpr std::uint8_t kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8, kNeedsReset = 0x40;
inline constexpr unsigned kIndirect = 28, kVersion1 = 32, kAccessPlatform = 33;

}  // namespace sw::hal::virtio
