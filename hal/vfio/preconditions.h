// What a card in a slot needs before it can be driven, and the command that mends each thing that is missing. Sources:
// Documentation/driver-api/vfio.rst of the kernel, and what its VFIO drivers refuse.
//
// Looks at sysfs and at the rights of this process; opens and changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hal/pcie/known_cards.h"
#include "hal/pcie/pci_tree.h"

namespace sw::hal::vfio {

struct Missing {
  std::string sentence;  // "0000:01:00.0 has no IOMMU group: ..."
  std::string command;   // that mends it, for a shell of root
};
std::string Text(const Missing& missing);  // "SENTENCE; mend it with: COMMAND"

// What this process may do.
struct Rights {
  bool locks_any = false;                                 // CAP_IPC_LOCK
  std::uint64_t memory_to_lock = 0;                       // RLIMIT_MEMLOCK in bytes
  std::function<bool(const std::string& path)> may_open;  // for reading and writing
  static Rights OfThisProcess();
};

// Memory that driver and card share, at most: 16 MiB. Our choice of queues and pages.
inline constexpr std::uint64_t kSharedMemory = 16U << 20;

// In the order in which they are to be mended; empty: the card can be opened. Where the device is not there, or not a
// card, that is the only one.
std::vector<Missing> MissingFor(const std::string& address, const pcie::PciTree& tree, const pcie::KnownCards& cards,
                                const Rights& rights);

// A PCI device of this machine, and whether the driver can take it.
struct Surveyed {
  pcie::PciDevice device;
  std::string card;  // its name; empty: not a known card
  std::vector<Missing> missing;
};
std::vector<Surveyed> Survey(const pcie::PciTree& tree, const pcie::KnownCards& cards, const Rights& rights);

}  // namespace sw::hal::vfio
