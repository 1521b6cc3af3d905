// The SNMP subagent, and what is kept of an agent's own settings: the SNMP daemon of the system has those.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = kOurs,
                           kSiblings = "published configurations of sibling switches; ranges: recollection";

constexpr Column kSnmpGlobal[] = {
    Int("id", 1, 1),
    Flag("agent"),
    Word("map_trap", "disable", {.preset_words = "enable"}),
    Word("session_trap", "disable", {.preset_words = "enable"}),
    Word("mib_root", "h3c|hh3c|hpn-icf", {.preset_words = "3com"}),
    Text("local_engineid", 10, 64, {.preset_words = "made by the SNMP daemon of the system", .origin = kSiblings}),
    Line("contact", 1, 200, {.preset_words = "none", .origin = kSiblings}),
    Line("location", 1, 200, {.preset_words = "none", .origin = kSiblings}),
    Word("version", "all|v1|v2c|v3|v1 v2c|v1 v3|v2c v3|v1 v2c v3", {.preset_words = "v3", .origin = kSiblings}),
    Flag("traps", {.origin = kSiblings}),
    Text("trap_source", 1, 40, {.preset_words = "that of the outgoing interface", .origin = kSiblings}),
    Int("packet_size", 484, 17940, {.preset = 1500, .unit = "bytes", .origin = kSiblings}),
};

constexpr Column kCommunity[] = {
    Secret("name", 1, 32),
    Word("access", "read|write", {.required = true}),
    Int("acl", 2000, 2999, {.unit = "ACL number", .refers_to = "acl"}),
    Text("mib_view", 1, 32),
};

constexpr Column kTarget[] = {
    Address("address"),
    Secret("security_name", 1, 32),
    Int("udp_port", 1, 65535, {.preset = 162, .unit = "port", .origin = "RFC 3413"}),
    Word("version", "v1|v2c|v3", {.preset_words = "v1"}),
};

constexpr Table kTables[] = {
    {.name = "snmp_global",
     .keys = 1,
     .columns = kSnmpGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "snmp_community", .keys = 1, .columns = kCommunity, .order_by = "rowid", .origin = kSiblings},
    {.name = "snmp_target",
     .keys = 2,
     .columns = kTarget,
     .order_by = "address COLLATE ADDRESS, security_name",
     .origin = kSiblings},
};

}  // namespace

std::span<const Table> SnmpTables() {
  return kTables;
}

}  // namespace sw::configdb
