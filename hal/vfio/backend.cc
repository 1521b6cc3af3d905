#include "hal/vfio/backend.h"

#include "hal/pcie/pcie_device.h"
#include "hal/vfio/kernel_transport.h"
#include "hal/vfio/user_transport.h"

namespace sw::hal::vfio {
namespace {

template <typename Transport>
Result<OpenedEngine> Open(const std::string& argument, const BackendServices& services) {
  return OpenedEngine{std::make_unique<pcie::PcieDevice>(std::make_unique<Transport>(argument), services.now), nullptr};
}

}  // namespace

constexpr Backend kUserBackend{"vfio-user",
                               Backend::Takes::kArgument,
                               "SOCKET",
                               "a card that is a process, as sw8800-card(8)",
                               "that process, and the right to write to its socket",
                               Open<UserTransport>};
constexpr Backend kKernelBackend{"pcie",
                                 Backend::Takes::kArgument,
                                 "ADDRESS",
                                 "a card in a slot, by its PCI address",
                                 "an IOMMU and vfio-pci bound to the card",
                                 Open<KernelTransport>};

}  // namespace sw::hal::vfio
