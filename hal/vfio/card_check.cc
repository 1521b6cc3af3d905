#include "hal/vfio/card_check.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace sw::hal::vfio {
namespace {

constexpr auto kPatience = std::chrono::seconds(3);

void BringUp(CryptoCard& card) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (card.health() == Health::kDown && !card.failed() && std::chrono::steady_clock::now() < end) {
    card.Poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

CardCheck CheckCard(const std::string& address, const pcie::PciTree& tree, const pcie::KnownCards& cards,
                    const Rights& rights, const OpenCard& open) {
  CardCheck out;
  const std::optional<pcie::PciDevice> device = tree.Find(address);
  const pcie::KnownCard* known = device ? cards.Find(*device) : nullptr;
  if (known != nullptr)
    out.text = fmt::format("{} {}: {}, IOMMU group {}\n", address, device->id(), known->name,
                           device->group.empty() ? "none" : device->group);
  const std::vector<Missing> missing = MissingFor(address, tree, cards, rights);
  for (const Missing& one : missing) out.text += fmt::format("missing: {}\n  {}\n", one.sentence, one.command);
  if (!missing.empty()) return out;
  const std::unique_ptr<CryptoCard> card = open(address, *known);
  BringUp(*card);
  out.well = card->health() == Health::kUp;
  const std::string why = card->failed() ? card->trouble_text() : fmt::format("no end of {} in time", card->stage());
  out.text += out.well
                  ? fmt::format("self test: passed, {}, {} transforms, room for {} SAs\n", card->capabilities().engine,
                                card->capabilities().transforms.size(), card->capabilities().max_sas)
                  : fmt::format("self test: failed, {}\n", why);
  return out;
}

std::string WhyNone(const std::vector<Surveyed>& devices, std::string& chosen) {
  std::string out;
  for (const Surveyed& one : devices) {
    if (one.missing.empty()) {
      chosen = one.device.address;
      return {};
    }
    for (const Missing& missing : one.missing) out += "\n  " + Text(missing);
  }
  return devices.empty() ? "\n  there is no PCI device" : out;
}

}  // namespace sw::hal::vfio
