#include "cli/route/displays.h"

#include <fmt/format.h>

#include <map>

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

std::string RoutesVerboseText(const std::vector<device::RouteEntry>& routes) {
  std::string out = " Routing Table: public net\n";
  for (const device::RouteEntry& route : routes) {
    out += fmt::format("\n  **Destination: {}\n    Protocol: {}        Preference: {}\n", route.destination.ToString(),
                       route.protocol, route.preference);
    out += fmt::format("    Next hop: {}    Interface: {}\n    Cost: {}\n    State: <{}>\n", route.next_hop.ToString(),
                       route.interface, route.cost, route.protocol == "DIRECT" ? "Int Active" : "Ext Active");
  }
  return out;
}

std::string RouteStatisticsText(const std::vector<device::RouteEntry>& routes) {
  std::map<std::string, std::size_t> by_protocol;
  for (const device::RouteEntry& route : routes) ++by_protocol[route.protocol];
  std::string out = fmt::format(" Routing Table: public net\n{:<12}{}\n", "Proto", "active");
  for (const auto& [protocol, count] : by_protocol) out += fmt::format("{:<12}{}\n", protocol, count);
  return out + fmt::format("{:<12}{}\n", "Total", routes.size());
}

}  // namespace sw::cli
