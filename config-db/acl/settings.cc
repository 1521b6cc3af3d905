// Access control lists and time ranges.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "guide pages 65-75 and 318; Router 3000 command reference pages 1105-1110";

constexpr std::int64_t kFirstAcl = 1000, kLastAcl = 4999, kLastRule = 65534;
constexpr std::string_view kOperators = "eq|gt|lt|neq|range";

constexpr Column kAcl[] = {
    Int("number", kFirstAcl, kLastAcl),
    Word("match_order", "auto", {.preset_words = "config"}),
    Line("description", 1, 127, {.preset_words = "none", .origin = kRecollection}),
    Int("step", 1, 20, {.preset = 1, .unit = "rule numbers", .origin = "recollection of later siblings"}),
};

// One table for the rules of all four kinds: a rule has the columns that its kind of list knows.
constexpr Column kAclRule[] = {
    Int("acl", kFirstAcl, kLastAcl),
    Int("rule", 0, kLastRule),
    Word("action", "permit|deny", {.required = true}),
    Int("protocol", 0, 255, {.preset_words = "any"}),
    Address("source"),
    Address("source_wildcard"),
    Address("destination"),
    Address("destination_wildcard"),
    Word("source_port_op", kOperators),
    Int("source_port", 0, 65535),
    Int("source_port_last", 0, 65535),
    Word("destination_port_op", kOperators),
    Int("destination_port", 0, 65535),
    Int("destination_port_last", 0, 65535),
    Text("icmp_type", 3, 7),  // "TYPE CODE"
    Flag("established"),
    Int("dscp", 0, 63),
    Int("precedence", 0, 7),
    Int("tos", 0, 15),
    Text("interface", 1, 40),
    Hex("type_code"),
    Hex("type_mask"),
    Hex("lsap_code"),
    Hex("lsap_mask"),
    Mac("source_mac"),
    Mac("source_mac_mask"),
    Mac("dest_mac"),
    Mac("dest_mac_mask"),
    Text("time_range", 1, 32),
    Flag("logging"),
    Flag("fragment"),
};

constexpr Column kAclComment[] = {
    Int("acl", kFirstAcl, kLastAcl),
    Int("rule", 0, kLastRule),
    Line("comment", 1, 127,
         {.origin = "Router 3000 command reference page 1105; length: recollection", .required = true}),
};

// A section of a time range is all key: what was not given is empty.
constexpr Column kTimeRange[] = {
    Text("name", 1, 32, {.origin = "Switch 5500-EI reference page 750"}),
    Shaped(Shape::kHourMinute, "start_time", 0, 5),
    Shaped(Shape::kHourMinute, "end_time", 0, 5),
    Text("days", 0, 60),
    Shaped(Shape::kHourMinute, "from_time", 0, 5),
    Text("from_date", 0, 10),
    Shaped(Shape::kHourMinute, "to_time", 0, 5),
    Text("to_date", 0, 10),
};

constexpr Table kTables[] = {
    {.name = "time_range",
     .keys = 8,
     .columns = kTimeRange,
     .order_by = "name, days, start_time, end_time, from_date, from_time, to_date, to_time",
     .origin = kOrigin},
    {.name = "acl", .keys = 1, .columns = kAcl, .order_by = "number", .origin = kOrigin},
    {.name = "acl_rule",
     .keys = 2,
     .columns = kAclRule,
     .order_by = "acl, rule",
     .parent = "acl",
     .index = "acl, source, destination, destination_port",
     .origin = kOrigin},
    {.name = "acl_comment",
     .keys = 2,
     .columns = kAclComment,
     .order_by = "acl, rule",
     .parent = "acl_rule",
     .origin = kOrigin},
};

}  // namespace

std::span<const Table> AclTables() {
  return kTables;
}

}  // namespace sw::configdb
