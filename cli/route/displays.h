// `display ip routing-table` as a Comware 3.10 device prints it; verbose and statistics in our own format.
#pragma once

#include <string>
#include <vector>

#include "device/platform.h"

namespace sw::cli {

std::string RoutesText(const std::vector<device::RouteEntry>& routes);  // in the order given

std::string RoutesVerboseText(const std::vector<device::RouteEntry>& routes);
std::string RouteStatisticsText(const std::vector<device::RouteEntry>& routes);

}  // namespace sw::cli
