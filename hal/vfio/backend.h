// Cards as rows of hal/backend.h: behind a socket, and behind the kernel.
#pragma once

#include "hal/backend.h"
#include "hal/pcie/known_cards.h"

namespace sw::hal::vfio {

extern const Backend kUserBackend, kKernelBackend;

// The driver of a card in a slot, by its PCI address; nothing is opened before the first Poll.
std::unique_ptr<CryptoCard> OpenKernelCard(const std::string& address, const pcie::KnownCard& card,
                                           const pcie::KnownCards& cards, std::function<Time()> now);

}  // namespace sw::hal::vfio
