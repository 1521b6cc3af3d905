#include "cli/render/routes.h"

#include <fmt/format.h>

namespace sw::cli {

std::string RoutesText(const std::vector<device::RouteEntry>& routes) {
  auto line = [](std::string_view destination, std::string_view protocol, const auto& preference, const auto& cost,
                 std::string_view next_hop, std::string_view interface) {
    return fmt::format("{:<19}{:<9}{:<5}{:<12}{:<16}{}\n", destination, protocol, preference, cost, next_hop,
                       interface);
  };
  std::string out = " Routing Table: public net\n";
  out += line("Destination/Mask", "Protocol", "Pre", "Cost", "Nexthop", "Interface");
  for (const device::RouteEntry& route : routes) {
    out += line(route.destination.ToString(), route.protocol, route.preference, route.cost, route.next_hop.ToString(),
                route.interface);
  }
  return out;
}

}  // namespace sw::cli
