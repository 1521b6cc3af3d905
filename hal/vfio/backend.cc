#include "hal/vfio/backend.h"

#include "hal/pcie/pcie_device.h"
#include "hal/ports/privileges.h"
#include "hal/vfio/card_check.h"
#include "hal/vfio/kernel_transport.h"
#include "hal/vfio/preconditions.h"
#include "hal/vfio/user_transport.h"

namespace sw::hal::vfio {
namespace {

Result<OpenedEngine> OpenUser(const std::string& socket, const BackendServices& services) {
  return OpenedEngine{std::make_unique<pcie::PcieDevice>(std::make_unique<UserTransport>(socket), services.now),
                      nullptr};
}

Result<OpenedEngine> OpenKernel(const std::string& argument, const BackendServices& services) {
  const pcie::PciTree tree;
  RaiseMemoryLock();
  Result<pcie::KnownCards> cards = pcie::ReadKnownCards(tree);
  if (!cards.ok()) return cards.status();
  std::string address;
  if (argument.empty() || argument == "auto") {
    const std::string why = WhyNone(Survey(tree, *cards, Rights::OfThisProcess()), address);
    if (address.empty()) return Status(Code::kDevice, "no card of this machine can be used:" + why);
  } else {
    const std::optional<std::string> parsed = pcie::ParsePciAddress(argument);
    if (!parsed)
      return Status(Code::kBadValue, "pcie:" + argument + ": not a PCI address, as 0000:01:00.0, and not auto");
    address = *parsed;
  }
  const std::optional<pcie::PciDevice> device = tree.Find(address);
  const pcie::KnownCard* known = device ? cards->Find(*device) : nullptr;
  // A slot that is empty may get a card later: it is taken for one of the first kind until it shows itself.
  return OpenedEngine{OpenKernelCard(address, known != nullptr ? *known : cards->rows().front(), *cards, services.now),
                      nullptr};
}

}  // namespace

std::unique_ptr<CryptoCard> OpenKernelCard(const std::string& address, const pcie::KnownCard& card,
                                           const pcie::KnownCards& cards, std::function<Time()> now) {
  pcie::DriverOptions options;
  if (card.one_queue) options.queues = 1;
  return std::make_unique<pcie::PcieDevice>(std::make_unique<KernelTransport>(address, cards), std::move(now), options,
                                            card.map);
}

constexpr Backend kUserBackend{"vfio-user",
                               Backend::Takes::kArgument,
                               "SOCKET",
                               "a card that is a process, as sw8800-card(8)",
                               "that process, and the right to write to its socket",
                               OpenUser};
constexpr Backend kKernelBackend{"pcie",
                                 Backend::Takes::kEither,
                                 "ADDRESS",
                                 "a card in a slot, by its PCI address; without one, or as pcie:auto, the first card "
                                 "that can be used",
                                 "an IOMMU and vfio-pci bound to the card",
                                 OpenKernel};

}  // namespace sw::hal::vfio
