// Static routes. Syntax: Switch 8800 configuration guide 17-2 and 2005 edition page 69.
#include <algorithm>
#include <optional>

#include "cli/route/displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

Prefix DestinationOf(const Match& match) {
  return Prefix{*Ipv4::Parse(match.Text("destination")), static_cast<std::uint8_t>(*match.Int("mask_length"))}
      .AsNetwork();
}

Status AddRoute(Operator& session, const Match& match) {
  const Prefix destination = DestinationOf(match);
  const configdb::Key key = {destination.address.ToString(), std::int64_t{destination.length}, match.Text("next_hop"),
                             match.Text("interface")};
  const configdb::Value preference = match.Int("preference").value_or(configdb::Preset("route_static", "preference"));
  const configdb::Value kind = match.Find("kind") == nullptr ? configdb::Value() : configdb::Value(match.Text("kind"));
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> added = edit.Ensure("route_static", key, {{"preference", preference}, {"kind", kind}});
    if (!added.ok() || *added) return added.status();
    SW_TRY(edit.Set("route_static", key, "preference", preference).status());
    return edit.Set("route_static", key, "kind", kind).status();
  });
}

Status RemoveRoute(Operator& session, const Match& match) {
  const Prefix destination = DestinationOf(match);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::vector<configdb::Row>> rows =
        edit.store().RowsUnder("route_static", {destination.address.ToString(), std::int64_t{destination.length}});
    if (!rows.ok()) return rows.status();
    bool found = false;
    for (const configdb::Row& row : *rows) {
      if (match.Find("next_hop") != nullptr && row.Text("next_hop") != match.Text("next_hop")) continue;
      if (match.Find("interface") != nullptr && row.Text("interface") != match.Text("interface")) continue;
      if (match.Find("preference") != nullptr && row.Int("preference") != match.Int("preference")) continue;
      found = true;
      SW_TRY(edit.Remove("route_static", {row["destination"], row["mask_length"], row["next_hop"], row["interface"]})
                 .status());
    }
    return found ? Status() : NoSuch("The route");
  });
}

// `delete static-routes all`: with a question, the default route goes too (2005 edition page 69).
Status DeleteRoutes(Operator& session, const Match&) {
  return session.Ask("Are you sure to delete all static routes? [Y/N]:", "y", [&session](std::string_view answer) {
    if (!answer.starts_with('y') && !answer.starts_with('Y')) return Status();
    return session.Configure([](configdb::Edit& edit) -> Status {
      const Result<std::vector<configdb::Row>> rows = edit.store().Rows("route_static");
      if (!rows.ok()) return rows.status();
      for (const configdb::Row& row : *rows)
        SW_TRY(edit.Remove("route_static", {row["destination"], row["mask_length"], row["next_hop"], row["interface"]})
                   .status());
      return {};
    });
  });
}

// With a mask: the route to exactly that network. With an address alone: those that lead there, the longest first one
// only unless longer-match asks for the networks inside.
std::vector<device::RouteEntry> RoutesTo(std::vector<device::RouteEntry> routes, Ipv4 address,
                                         std::optional<std::int64_t> length, bool longer) {
  const auto inside = [&](const device::RouteEntry& route) {
    const Prefix wanted{address, static_cast<std::uint8_t>(length.value_or(32))};
    if (longer) return route.destination.length >= wanted.length && wanted.Contains(route.destination.address);
    if (length) return route.destination == wanted.AsNetwork();
    return route.destination.Contains(address);
  };
  std::erase_if(routes, [&](const device::RouteEntry& route) { return !inside(route); });
  if (length || longer || routes.empty()) return routes;
  int longest = 0;
  for (const device::RouteEntry& route : routes)
    longest = std::max(longest, static_cast<int>(route.destination.length));
  std::erase_if(routes, [&](const device::RouteEntry& route) { return route.destination.length != longest; });
  return routes;
}

Status DisplayRoutes(Operator& session, const Match& match) {
  std::vector<device::RouteEntry> routes = session.device().routes();
  if (match.Find("destination") != nullptr) {
    routes = RoutesTo(std::move(routes), *Ipv4::Parse(match.Text("destination")), match.Int("mask_length"),
                      match.Has("longer-match"));
  }
  const std::string protocol = match.Text("protocol");
  std::erase_if(routes,
                [&](const device::RouteEntry& route) { return !protocol.empty() && route.protocol != protocol; });
  if (match.Has("statistics")) {
    session.Show(kRoutesDisplay, routes, kRouteStatistics);
  } else if (match.Has("verbose")) {
    session.Show(kRoutesDisplay, routes, kRoutesVerbose);
  } else {
    session.Show(kRoutesDisplay, routes);
  }
  return {};
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "ip route-static <destination> { <mask_length:mask> | <mask_length> } "
             "{ <interface:interface> [ <next_hop:ip> ] | <next_hop:ip> } [ preference <preference> ] "
             "[ reject=kind | blackhole=kind ]",
     .help = "Internet protocol settings|Static routes|Destination|Mask of the destination|Length of the mask|Next "
             "hop|Next hop|"
             "Standby routes have a higher number|{}|Answer with ICMP unreachable|Drop silently",
     .run = AddRoute,
     .undo = "ip route-static <destination> { <mask_length:mask> | <mask_length> } "
             "[ <interface:interface> [ <next_hop:ip> ] | <next_hop:ip> ] [ preference <preference> ]",
     .undo_run = RemoveRoute,
     .stores = Stores::kList,
     .table = "route_static"},
    {.views = In(View::kSystem),
     .form = "delete static-routes all",
     .help = "Delete several settings|Static routes|All of them, the default route as well",
     .run = DeleteRoutes},
    {.views = kAnyView,
     .level = kMonitor,
     .form =
         "display ip routing-table [ <destination:ip> [ <mask_length:mask> | <mask_length:route_static.mask_length> ] "
         "[ longer-match ] [ verbose ] | protocol { direct=protocol:DIRECT | static=protocol:STATIC } | statistics | "
         "verbose ]",
     .help =
         "||Routing table|Routes that lead there|Mask of the network|Length of the mask|Networks inside it, too|"
         "In detail|Routes of one origin|Networks of the interfaces|Static routes|How many of each origin|In detail",
     .run = DisplayRoutes,
     .shows = &kRoutesDisplay},
};

}  // namespace

std::span<const Command> RouteCommands() {
  return kCommands;
}

}  // namespace sw::cli
