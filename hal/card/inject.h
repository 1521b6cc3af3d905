// Gives a running model a fault plan, through the registers that only the model has.
#pragma once

#include <string_view>

#include "hal/pcie/bus.h"

namespace sw::hal::card {

Status InjectFault(pcie::RegisterBus& bus, std::string_view plan);  // kUnsupported: not the model; kBadValue

}  // namespace sw::hal::card
