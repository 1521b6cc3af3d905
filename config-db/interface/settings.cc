// Interfaces, their addresses, and what a tunnel is.
#include "config-db/columns.h"
#include "config-db/subjects.h"
#include "hal/base/dvpn_ranges.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = kRecollection;
constexpr std::string_view kMib = "A3COM-HUAWEI-DVPN-MIB", kGreSource = "Router 5000 command reference page 2376";

constexpr Column kInterface[] = {
    Text("name", 1, 40),
    Word("kind", "GigabitEthernet|LoopBack|Tunnel|Virtual-Template|NULL", {.required = true}),
    Int("number", 0, 4095, {.required = true}),
    Int("sub", 1, 4094),
    Flag("shutdown"),
    Line("description", 1, 80),
    Int("mtu", 46, 64000, {.unit = "bytes"}),
    Word("duplex", "full|half", {.preset_words = "auto"}),
    Word("speed", "10|100|1000", {.preset_words = "auto"}),
    Flag("loopback"),
    Address("remote_address"),
    Flag("remote_pool"),
    Int("remote_pool_number", 0, 99, {.preset = 0, .unit = "number of the pool"}),
    Word("ppp_authentication", "chap|pap"),
    Text("ppp_domain", 1, 24),
    Int("vlan_id", 1, 4094, {.unit = "VLAN ID"}),
    Flag("dhcp_alloc"),
    Word("tunnel_protocol", "udp dvpn", {.preset_words = "gre"}),
    Text("tunnel_source", 1, 40),
    Address("tunnel_destination"),
    Int("gre_key", 0, 4294967295, {.preset_words = "none", .origin = "guide page 134; the range is recollection"}),
    Flag("gre_checksum"),
    Flag("gre_keepalive"),
    Int("gre_keepalive_interval", 1, 32767,
        {.preset = 10, .unit = "seconds", .origin = kGreSource, .keeps_preset = true}),
    Int("gre_keepalive_times", 1, 255, {.preset = 3, .origin = kGreSource, .keeps_preset = true}),
    Word("dvpn_interface_type", "client|server", {.preset_words = "client"}),
    Int("dvpn_id", dvpn::kDvpnId.low, dvpn::kDvpnId.high, {.unit = "domain ID", .origin = kMib}),
    Text("dvpn_policy", 1, 31, {.refers_to = "dvpn_policy"}),
    Text("dvpn_class", 1, 31, {.refers_to = "dvpn_class"}),
    Word("dvpn_register_type", "undistributed|forward|undistributed forward"),
    Int("dvpn_udp_port", dvpn::kUdpPort, {.unit = "port", .origin = "recollection; the range is our choice"}),
    Int("dvpn_acl", 2000, 3999, {.unit = "ACL number", .refers_to = "acl"}),
    Text("ipsec_policy", 1, 15,
         {.unit = "policy name", .origin = "Router 3000 command reference page 5-14", .refers_to = "ipsec_policy"}),
};

constexpr Column kInterfaceAddress[] = {
    Text("interface", 1, 40),
    Address("address"),
    Int("mask_length", 0, 32, {.required = true}),
    Flag("sub", {.required = true}),
};

// Sub-interfaces follow their interface; NULL0 comes last, as in the captured configurations.
constexpr std::string_view kInterfaceOrder =
    "CASE kind WHEN 'GigabitEthernet' THEN 0 WHEN 'LoopBack' THEN 1 WHEN 'Tunnel' THEN 2 WHEN 'Virtual-Template' THEN "
    "3 ELSE 4 END, number, "
    "sub IS NOT NULL, sub";

constexpr Table kTables[] = {
    {.name = "interface",
     .keys = 1,
     .columns = kInterface,
     .order_by = kInterfaceOrder,
     .factory = "(name, kind, number) VALUES ('NULL0', 'NULL', 0)",
     .origin = kOrigin},
    {.name = "interface_address",
     .keys = 2,
     .columns = kInterfaceAddress,
     .order_by = "interface, sub, rowid",
     .parent = "interface",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> InterfaceTables() {
  return kTables;
}

}  // namespace sw::configdb
