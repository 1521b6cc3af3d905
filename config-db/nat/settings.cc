// Address translation, as far as it is kept: no engine here translates yet.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin =
    "guide pages 84-86, Firewall module guide page 287; nat server is partly recollection";
constexpr std::int64_t kLastGroup = 31;

constexpr Column kAddressGroup[] = {
    Int("number", 0, kLastGroup),
    Address("low", {.required = true}),
    Address("high", {.required = true}),
};

constexpr Column kOutbound[] = {
    Text("interface", 1, 40),
    Int("acl", 2000, 3999, {.unit = "ACL number", .refers_to = "acl"}),
    Int("address_group", 0, kLastGroup, {.preset_words = "the address of the interface", .unit = "number"}),
    Flag("no_pat"),
};

// A port that is not given stands in the key as nothing.
constexpr Column kServer[] = {
    Text("interface", 1, 40),
    Word("protocol", "tcp|udp|icmp"),
    Address("global_address"),
    Text("global_port", 0, 5),
    Address("inside_address", {.required = true}),
    Text("inside_port", 1, 5, {.preset_words = "the global port"}),
};

constexpr Table kTables[] = {
    {.name = "nat_address_group", .keys = 1, .columns = kAddressGroup, .order_by = "number", .origin = kOrigin},
    {.name = "nat_outbound",
     .keys = 2,
     .columns = kOutbound,
     .order_by = "interface, acl",
     .parent = "interface",
     .origin = kOrigin},
    {.name = "nat_server",
     .keys = 4,
     .columns = kServer,
     .order_by = "interface, protocol, global_address COLLATE ADDRESS, CAST(global_port AS INTEGER)",
     .parent = "interface",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> NatTables() {
  return kTables;
}

}  // namespace sw::configdb
