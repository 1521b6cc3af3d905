#include "cli/route/displays.h"

#include <map>

namespace sw::cli {
namespace {

using device::RouteEntry;

constexpr auto kRoute = Fields<RouteEntry>({
    {"destination", "Network/length", [](auto& r) { return r.destination; }, {"Destination/Mask", 19}},
    {"protocol", "DIRECT, STATIC or what brought the route", [](auto& r) { return r.protocol; }, {"Protocol", 9}},
    {"preference", "The lowest wins", [](auto& r) { return r.preference; }, {"Pre", 5}},
    {"cost", "Cost", [](auto& r) { return r.cost; }, {"Cost", 12}},
    {"next_hop", "Next hop", [](auto& r) { return r.next_hop; }, {"Nexthop", 16}},
    {"interface", "Outgoing interface", [](auto& r) { return r.interface; }, {"Interface"}},
    {"internal", "Its network is one of this device", [](auto& r) { return r.protocol == "DIRECT"; }},
});

using Origin = std::pair<const std::string, std::size_t>;
constexpr auto kOrigin = Fields<Origin>({
    {"protocol", "Origin", [](auto& v) { return v.first; }, {"Proto", 12}},
    {"active", "Routes", [](auto& v) { return v.second; }, {"active"}},
});
std::map<std::string, std::size_t> Origins(const RoutesView& routes) {
  std::map<std::string, std::size_t> out;
  for (const RouteEntry& route : routes) ++out[route.protocol];
  return out;
}

constexpr auto kTable = Fields<RoutesView>({
    {"routes", "Of the public network", [](auto& v) { return List<kRoute>(v); }},
    {"origins", "How many of each", [](auto& v) { return List<kOrigin>(Origins(v)); }},
});

}  // namespace

constexpr DisplayOf<RoutesView> kRoutesDisplay(kTable, " Routing Table: public net\n{#routes}{*routes}{|}{/}");
constexpr Layout kRoutesVerbose(kTable,
                                " Routing Table: public net\n"
                                "{*routes}\n  **Destination: {destination}\n"
                                "    Protocol: {protocol}        Preference: {preference}\n"
                                "    Next hop: {next_hop}    Interface: {interface}\n"
                                "    Cost: {cost}\n"
                                "    State: <{?internal}Int{:}Ext{/} Active>\n{/}");
constexpr Layout kRouteStatistics(kTable,
                                  " Routing Table: public net\n{#origins}{*origins}{|}{/}Total       {routes}\n");

}  // namespace sw::cli
