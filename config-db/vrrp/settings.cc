// VRRP groups, as far as they are kept: no engine here speaks VRRP yet.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "guide pages 231-236 and 477";
constexpr std::int64_t kLastGroup = 255;

constexpr Column kGlobal[] = {
    Int("id", 1, 1),
    Flag("ping_enable"),
};

// What all groups of an interface share.
constexpr Column kInterface[] = {
    Text("interface", 1, 40),
    Word("authentication", "md5|simple", {.preset_words = "none"}),
    Secret("authentication_key", 1, 8, {.origin = kRecollection}),
    Flag("uncheck_ttl"),
};

constexpr Column kAddress[] = {
    Text("interface", 1, 40),
    Int("vrid", 1, kLastGroup, {.unit = "number of the group"}),
    Address("address"),
};

constexpr Column kGroup[] = {
    Text("interface", 1, 40),
    Int("vrid", 1, kLastGroup, {.unit = "number of the group"}),
    Int("priority", 1, 254, {.preset = 100, .unit = "priority"}),
    Word("preempt", "disable", {.preset_words = "enable"}),
    Int("preempt_delay", 0, 255, {.preset = 0, .unit = "seconds"}),
    Int("advertise", 1, 255, {.preset = 1, .unit = "seconds"}),
};

constexpr Column kTrack[] = {
    Text("interface", 1, 40),
    Int("vrid", 1, kLastGroup, {.unit = "number of the group"}),
    Text("tracked", 1, 40),
    Int("reduced", 1, 255, {.preset = 10, .unit = "less priority"}),
};

constexpr Table kTables[] = {
    {.name = "vrrp_global",
     .keys = 1,
     .columns = kGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "vrrp_interface",
     .keys = 1,
     .columns = kInterface,
     .order_by = "interface",
     .parent = "interface",
     .origin = kOrigin},
    {.name = "vrrp_address",
     .keys = 3,
     .columns = kAddress,
     .order_by = "interface, vrid, rowid",
     .parent = "interface",
     .origin = kOrigin},
    {.name = "vrrp_group",
     .keys = 2,
     .columns = kGroup,
     .order_by = "interface, vrid",
     .parent = "interface",
     .origin = kOrigin},
    {.name = "vrrp_track",
     .keys = 3,
     .columns = kTrack,
     .order_by = "interface, vrid, tracked",
     .parent = "interface",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> VrrpTables() {
  return kTables;
}

}  // namespace sw::configdb
