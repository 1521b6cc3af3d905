// Static routes. Syntax: Switch 8800 configuration guide 17-2 and 2005 edition page 69; default preference 60: Switch
// 4500.
#include "cli/commands/tables.h"
#include "cli/render/routes.h"
#include "cli/session/session.h"
#include "hal/base/address.h"

namespace sw::cli {
namespace {

Prefix DestinationOf(const Match& match) {
  return Prefix{*Ipv4::Parse(match.Text("destination")), static_cast<std::uint8_t>(*match.Int("mask_length"))}
      .AsNetwork();
}

Status AddRoute(Session& session, const Match& match) {
  const Prefix destination = DestinationOf(match);
  const configdb::Key key = {destination.address.ToString(), std::int64_t{destination.length}, match.Text("next_hop"),
                             match.Text("interface")};
  const configdb::Value preference = match.Int("preference").value_or(60);
  const configdb::Value kind = match.Find("kind") == nullptr ? configdb::Value() : configdb::Value(match.Text("kind"));
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> added = edit.Ensure("route_static", key, {{"preference", preference}, {"kind", kind}});
    if (!added.ok() || *added) return added.status();
    SW_TRY(edit.Set("route_static", key, "preference", preference).status());
    return edit.Set("route_static", key, "kind", kind).status();
  });
}

Status RemoveRoute(Session& session, const Match& match) {
  const Prefix destination = DestinationOf(match);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::vector<configdb::Row>> rows = edit.store().RowsUnder(
        "route_static", {destination.address.ToString(), std::int64_t{destination.length}});
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
    return found ? Status() : Status(Code::kNotFound, "The route does not exist");
  });
}

Status DisplayRoutes(Session& session, const Match&) {
  session.Print(RoutesText(session.device().routes()));
  return {};
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "ip route-static <destination:ip> { <mask_length:mask> | <mask_length:int:0-32> } "
             "{ <next_hop:ip> | <interface:interface> } [ preference <preference:int:1-255> ] "
             "[ reject=kind | blackhole=kind ]",
     .help = "Internet protocol settings|Static routes|Destination|Mask of the destination|Length of the mask|Next hop|"
             "Standby routes have a higher number|Preference, 60 by default|Answer with ICMP unreachable|Drop silently",
     .run = AddRoute,
     .undo = "ip route-static <destination:ip> { <mask_length:mask> | <mask_length:int:0-32> } "
             "[ <next_hop:ip> | <interface:interface> ] [ preference <preference:int:1-255> ]",
     .undo_run = RemoveRoute,
     .stores = Stores::kList,
     .table = "route_static"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ip routing-table",
     .help = "||Routing table",
     .run = DisplayRoutes},
};

}  // namespace

std::span<const Command> RouteCommands() {
  return kCommands;
}

}  // namespace sw::cli
