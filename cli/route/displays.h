// `display ip routing-table` as a Comware 3.10 device prints it; verbose and statistics in our own format.
#pragma once

#include <vector>

#include "cli/display/field.h"
#include "device/platform.h"

namespace sw::cli {

using RoutesView = std::vector<device::RouteEntry>;  // shown in the order given
extern const DisplayOf<RoutesView> kRoutesDisplay;
extern const Layout kRoutesVerbose, kRouteStatistics;

}  // namespace sw::cli
