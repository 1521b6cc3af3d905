// Whether a card in a slot can be used: what is missing, and when nothing is, its bring-up with its self test. What
// `sw8800d --check-card` prints.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hal/crypto_card.h"
#include "hal/vfio/preconditions.h"

namespace sw::hal::vfio {

struct CardCheck {
  bool well = false;
  std::string text;  // lines, each ends with a newline
};
using OpenCard = std::function<std::unique_ptr<CryptoCard>(const std::string& address, const pcie::KnownCard& card)>;

// Waits for the card, at most about 3 s of real time. `address` as ParsePciAddress gives it. The card is reset then.
CardCheck CheckCard(const std::string& address, const pcie::PciTree& tree, const pcie::KnownCards& cards,
                    const Rights& rights, const OpenCard& open);

// Why none of them is taken, a line each; empty when one can be: then `chosen` is its address, the first such.
std::string WhyNone(const std::vector<Surveyed>& devices, std::string& chosen);

}  // namespace sw::hal::vfio
