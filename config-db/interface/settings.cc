// Interfaces, their addresses, and what a tunnel is.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kInterface[] = {
    Text("name", 1, 40),
    Required(Word("kind", "GigabitEthernet|LoopBack|Tunnel|Virtual-Template|NULL")),
    Required(Int("number", 0, 4095)),
    Int("sub", 1, 4094),
    Flag("shutdown"),
    Text("description", 1, 80),
    Int("mtu", 46, 64000),
    Word("duplex", "full|half"),
    Word("speed", "10|100|1000"),
    Flag("loopback"),
    Address("remote_address"),
    Flag("remote_pool"),
    Int("remote_pool_number", 0, 99),
    Word("ppp_authentication", "chap|pap"),
    Text("ppp_domain", 1, 24),
    Int("vlan_id", 1, 4094),
    Word("tunnel_protocol", "udp dvpn"),
    Text("tunnel_source", 1, 40),
    Address("tunnel_destination"),
    Int("gre_key", 0, 4294967295),
    Flag("gre_checksum"),
    Flag("gre_keepalive"),
    Int("gre_keepalive_interval", 1, 32767),
    Int("gre_keepalive_times", 1, 255),
    Word("dvpn_interface_type", "client|server"),
    Int("dvpn_id", 1, 65535),
    Refers("dvpn_policy", Text("dvpn_policy", 1, 31)),
    Refers("dvpn_class", Text("dvpn_class", 1, 31)),
    Word("dvpn_register_type", "undistributed|forward|undistributed forward"),
    Int("dvpn_udp_port", 1024, 65535),
    Refers("acl", Int("dvpn_acl", 2000, 3999)),
    Refers("ipsec_policy", Text("ipsec_policy", 1, 15)),
};

constexpr Column kInterfaceAddress[] = {
    Text("interface", 1, 40),
    Address("address"),
    Required(Int("mask_length", 0, 32)),
    Required(Flag("sub")),
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
     .factory = "(name, kind, number) VALUES ('NULL0', 'NULL', 0)"},
    {.name = "interface_address",
     .keys = 2,
     .columns = kInterfaceAddress,
     .order_by = "interface, sub, rowid",
     .parent = "interface"},
};

}  // namespace

std::span<const Table> InterfaceTables() {
  return kTables;
}

}  // namespace sw::configdb
