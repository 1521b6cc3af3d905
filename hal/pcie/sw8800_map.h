// The card of hal/pcie/register_map.h as the driver meets it.
#pragma once

#include <memory>

#include "hal/pcie/card_map.h"

namespace sw::hal::pcie {

std::unique_ptr<RegisterMap> Sw8800Map(RegisterBus& bus);

}  // namespace sw::hal::pcie
