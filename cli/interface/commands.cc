// Interfaces, their addresses, and tunnels. Sources: guide pages 130-134 (source, tunnel), 477 (sub-interfaces);
// tunnel-protocol: Router 3000 command reference page 1287; other DVPN spelling and all ranges but the MIB's are
// recollection.
#include <fmt/format.h>

#include "cli/grammar/interface_name.h"
#include "cli/interface/displays.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/interface_view.h"

namespace sw::cli {
namespace {

Status EnterInterface(Operator& session, const Match& match) {
  const InterfaceName name = *InterfaceName::Parse(match.Text("name"));
  const configdb::Key key = {name.ToString()};
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    std::vector<configdb::Assignment> values = {{"kind", std::string(name.type->name)}, {"number", name.number}};
    if (name.sub) values.push_back({"sub", *name.sub});
    return edit.Ensure("interface", key, values).status();
  }));
  session.Enter(name.type->view, key);
  return {};
}

Status RemoveInterface(Operator& session, const Match& match) {
  const InterfaceName name = *InterfaceName::Parse(match.Text("name"));
  const configdb::Key key = {name.ToString()};
  const bool logical = name.type->view != View::kNull && (!name.type->slot || name.sub);
  if (!logical) return {Code::kUnsupported, "Only logical interfaces can be removed"};
  SW_TRY(session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, "interface", key, NoSuch("The interface")); }));
  if (session.object() == key) session.Enter(View::kSystem);
  return {};
}

Status SetVlan(Operator& session, const Match& match) {
  const std::string& name = std::get<std::string>(session.object().front());
  if (!InterfaceName::Parse(name)->sub) return {Code::kUnsupported, "Only a sub-interface takes a VLAN ID"};
  return StoreColumns(session, match, ColumnsOf(match));
}

struct Addresses {
  std::optional<configdb::Row> primary;
  std::size_t subs = 0;
};
Result<Addresses> AddressesOf(configdb::Store& store, const configdb::Value& interface) {
  const Result<std::vector<configdb::Row>> rows = store.RowsUnder("interface_address", {interface});
  if (!rows.ok()) return rows.status();
  Addresses out;
  for (const configdb::Row& row : *rows) {
    if (row.IntOr("sub", 0) == 0) out.primary = row;
    out.subs += row.IntOr("sub", 0) != 0 ? 1 : 0;
  }
  return out;
}

Status AddAddress(Operator& session, const Match& match) {
  const std::string address = match.Text("address");
  const Ipv4 ip = *Ipv4::Parse(address);
  const std::int64_t length = *match.Int("mask_length");
  const Prefix prefix{ip, static_cast<std::uint8_t>(length)};
  const bool end_of_network = length < 31 && (ip == prefix.network() || ip == prefix.broadcast());
  if (length == 0 || ip.value >> 28 >= 0xe || ip.value >> 24 == 0 || ip.loopback() || end_of_network) {
    return {Code::kBadValue, "No interface can have this address"};
  }
  const bool sub = match.Has("sub");
  const configdb::Value& interface = session.object().front();
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<Addresses> before = AddressesOf(edit.store(), interface);
    if (!before.ok()) return before.status();
    const configdb::Key key = {interface, address};
    const Result<std::optional<configdb::Row>> same = edit.store().Find("interface_address", key);
    if (!same.ok()) return same.status();
    if (*same && (*same)->Int("mask_length") == length && (*same)->Int("sub") == (sub ? 1 : 0)) return {};
    const bool is_primary = before->primary && (*before->primary)["address"] == configdb::Value(address);
    if (sub && (!before->primary || is_primary)) return {Code::kBadValue, "Configure another primary address first"};
    if (!sub && before->primary) {
      SW_TRY(edit.Remove("interface_address", {interface, (*before->primary)["address"]}).status());
    }
    SW_TRY(edit.Remove("interface_address", key).status());
    return edit.Ensure("interface_address", key, {{"mask_length", length}, {"sub", std::int64_t{sub ? 1 : 0}}})
        .status();
  });
}

Status RemoveAddress(Operator& session, const Match& match) {
  const configdb::Value& interface = session.object().front();
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::vector<configdb::Row>> rows = edit.store().RowsUnder("interface_address", {interface});
    if (!rows.ok()) return rows.status();
    const Result<Addresses> before = AddressesOf(edit.store(), interface);
    if (!before.ok()) return before.status();
    const std::string address = match.Text("address");
    bool found = address.empty();
    for (const configdb::Row& row : *rows) {
      if (!address.empty()) {
        if (row.Text("address") != address || row.Int("mask_length") != match.Int("mask_length")) continue;
        if (row.IntOr("sub", 0) == 0 && before->subs != 0) {
          return {Code::kInUse, "Remove the sub addresses before the primary one"};
        }
      }
      found = true;
      SW_TRY(edit.Remove("interface_address", {interface, row["address"]}).status());
    }
    return found ? Status() : NoSuch("The address");
  });
}

// The interfaces a line names: all, those of a type, or one.
std::vector<device::InterfaceView> Named(Operator& session, const Match& match) {
  const std::string wanted = match.Text("interface"), type = match.Text("type");
  std::vector<device::InterfaceView> out = session.device().interfaces();
  std::erase_if(out, [&](const device::InterfaceView& view) {
    return (!wanted.empty() && view.config.name != wanted) || (!type.empty() && view.config.kind != type);
  });
  return out;
}

Status DisplayInterface(Operator& session, const Match& match) {
  const InterfacesView views = Named(session, match);
  if (views.empty() && match.Find("interface") != nullptr) return NoSuch("The interface");
  session.Show(kInterfacesDisplay, views);
  return {};
}

Status DisplayIpInterface(Operator& session, const Match& match) {
  const InterfacesView views = Named(session, match);
  if (match.Has("brief")) {
    session.Show(kIpInterfacesDisplay, views, kInterfacesBrief);
    return {};
  }
  if (views.empty() && match.Find("interface") != nullptr) return NoSuch("The interface");
  session.Show(kIpInterfacesDisplay, views);
  return {};
}

Status ResetCounters(Operator& session, const Match& match) {
  std::vector<std::string> names;
  for (const device::InterfaceView& view : Named(session, match)) names.push_back(view.config.name);
  if (names.empty() && match.Find("interface") != nullptr) return NoSuch("The interface");
  session.device().ResetInterfaceCounters(names);
  return {};
}

constexpr Views kSystem = In(View::kSystem), kGigabit = In(View::kGigabitEthernet), kTunnel = In(View::kTunnel);
constexpr Views kWithAddress = kGigabit | In(View::kLoopBack) | kTunnel | In(View::kVirtualTemplate);
constexpr std::string_view kTable = "interface";
constexpr Stores kColumns = Stores::kColumns;

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "interface <name:interface>",
     .help = "Specify the interface configuration view",
     .run = EnterInterface,
     .undo = "interface <name:interface>",
     .undo_run = RemoveInterface,
     .stores = Stores::kObject,
     .table = kTable},
    {.views = kInterfaceViews,
     .form = "description <description>",
     .help = "Describe the interface|Text to the end of the line",
     .undo = "description",
     .stores = kColumns,
     .table = kTable},
    {.views = kGigabit,
     .form = "vlan-type dot1q vid <vlan_id>",
     .help = "VLAN of the sub-interface|IEEE 802.1Q tagging|VLAN ID|VLAN ID",
     .run = SetVlan,
     .undo = "vlan-type dot1q [ vid <vlan_id> ]",
     .stores = kColumns,
     .table = kTable},
    {.views = kGigabit | In(View::kVirtualTemplate),
     .form = "mtu <mtu:..1500>",
     .help = "Largest packet the interface sends|Bytes",
     .undo = "mtu",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "mtu <mtu:100..>",
     .help = "Largest packet the interface sends|Bytes",
     .undo = "mtu",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "tunnel-protocol { gre=tunnel_protocol:NULL | udp dvpn=tunnel_protocol:udp_dvpn }",
     .help = "Encapsulation of the tunnel|Generic routing encapsulation, the default|UDP|Dynamic VPN",
     .undo = "tunnel-protocol",
     .stores = kColumns,
     .table = kTable},
    {.views = kWithAddress,
     .form = "ip address <address> { <mask_length:mask> | <mask_length> } [ sub=sub:1 ]",
     .help = "Internet protocol settings|Address of the interface|IP address|Mask of the address|Length of the mask|"
             "Besides the primary address",
     .run = AddAddress,
     .undo = "ip address [ <address> { <mask_length:mask> | <mask_length> } [ sub ] ]",
     .undo_run = RemoveAddress,
     .stores = Stores::kList,
     .table = "interface_address"},
    {.views = kGigabit,
     .form = "ip address dhcp-alloc=dhcp_alloc:1",
     .help = "||By DHCP (stored only: this device asks no DHCP server)",
     .undo = "ip address dhcp-alloc",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kTunnel,
     .form = "source { <tunnel_source:ip> | <tunnel_source:interface> }",
     .help = "Where the tunnel's packets come from|Address of this device",
     .undo = "source",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn interface-type { client=dvpn_interface_type:NULL | server=dvpn_interface_type }",
     .help = "Dynamic VPN|Role of the tunnel|Registers with a server, the default|Clients register with it",
     .undo = "dvpn interface-type",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn dvpn-id <dvpn_id>",
     .help = "|Domain of the tunnel, for servers|Domain ID",
     .undo = "dvpn dvpn-id",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn policy <dvpn_policy>",
     .help = "|Policy issued to clients, for servers|Policy name",
     .undo = "dvpn policy",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn server <dvpn_class>",
     .help = "|Server to register with, for clients|Class name",
     .undo = "dvpn server",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn register-type { undistributed=dvpn_register_type | forward=dvpn_register_type }*",
     .help = "|What other clients may do with this one|They reach it through the server only|"
             "It sends everything through the server",
     .undo = "dvpn register-type",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn security acl <dvpn_acl>",
     .help = "|Protection of data|Packets that the ACL permits are not encrypted|ACL number",
     .undo = "dvpn security acl",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "dvpn udp-port <dvpn_udp_port>",
     .help = "|UDP port of this end|{}",
     .undo = "dvpn udp-port",
     .stores = kColumns,
     .table = kTable},
    {.views = kWithAddress,
     .form = "shutdown=shutdown:1",
     .help = "Switch the interface off",
     .undo = "shutdown",
     .stores = kColumns,
     .table = kTable},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display interface [ <interface:interface> | <type:interface-type> ]",
     .help = "|Interface status and counters",
     .run = DisplayInterface,
     .shows = &kInterfacesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ip interface [ brief ] [ <interface:interface> | <type:interface-type> ]",
     .help = "|Internet protocol information|Addresses of interfaces|One line per interface",
     .run = DisplayIpInterface,
     .shows = &kIpInterfacesDisplay},
    // Recollection of the family.
    {.views = In(View::kUser),
     .form = "reset counters interface [ <interface:interface> | <type:interface-type> ]",
     .help = "|Counters|Of interfaces, all without a name",
     .run = ResetCounters},
};

}  // namespace

std::span<const Command> InterfaceCommands() {
  return kCommands;
}

}  // namespace sw::cli
