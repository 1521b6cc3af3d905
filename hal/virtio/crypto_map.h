// A virtio crypto device as the driver meets it: modern virtio over PCI. Sources: OASIS virtio 1.2, sections 3.1, 4.1
// and 5.9; QEMU's virtio-crypto-pci is one.
//
// It has AES-CBC, and 3DES-CBC where it says so; ICVs are made in software beside it (crypto_queue.h), and SAs of other
// ciphers are software's. One data queue is used.
#pragma once

#include <memory>

#include "hal/pcie/card_map.h"

namespace sw::hal::virtio {

inline constexpr std::uint16_t kVendorId = 0x1af4, kCryptoId = 0x1054;  // section 4.1.2: 0x1040 and device type 20

std::unique_ptr<pcie::RegisterMap> CryptoMap(pcie::RegisterBus& bus);

}  // namespace sw::hal::virtio
