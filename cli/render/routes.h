// `display ip routing-table` as a Comware 3.10 device prints it.
#pragma once

#include <string>
#include <vector>

#include "device/platform.h"

namespace sw::cli {

std::string RoutesText(const std::vector<device::RouteEntry>& routes);  // in the order given

}  // namespace sw::cli
