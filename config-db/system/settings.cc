// The device itself: its name, clock, information centre and what concerns its files.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kSystem[] = {Int("id", 1, 1), Text("sysname", 1, 30), Word("cpu_cycle", "5sec|72min")};

constexpr Column kClock[] = {
    Int("id", 1, 1),
    Text("zone", 1, 32),
    Word("zone_direction", "add|minus"),
    Text("zone_offset", 8, 8),
    Text("summer_zone", 1, 32),
    Word("summer_form", "one-off|repeating"),
    Text("summer_start_time", 8, 8),
    Text("summer_start_date", 10, 10),
    Text("summer_end_time", 8, 8),
    Text("summer_end_date", 10, 10),
    Text("summer_offset", 8, 8),
};

constexpr std::string_view kStamps = "date|boot|none";
constexpr std::string_view kOnOff = "on|off";

constexpr Column kInfoCenter[] = {
    Int("id", 1, 1),
    Flag("disabled"),
    Int("console_channel", 0, 9),
    Int("monitor_channel", 0, 9),
    Int("snmp_channel", 0, 9),
    Int("logbuffer_channel", 0, 9),
    Int("logbuffer_size", 0, 1024),
    Int("trapbuffer_channel", 0, 9),
    Int("trapbuffer_size", 0, 1024),
    Text("loghost_source", 1, 40),
    Word("timestamp_log", kStamps),
    Word("timestamp_trap", kStamps),
    Word("timestamp_debugging", kStamps),
};

constexpr Column kInfoLogHost[] = {
    Address("address"),
    Int("channel", 0, 9),
    Int("facility", 16, 23),
    Word("language", "chinese"),
};

constexpr Column kInfoChannel[] = {
    Int("number", 0, 9),
    Required(Text("name", 1, 30)),
};

// Module "default": all that have no row of their own.
constexpr Column kInfoSource[] = {
    Text("module", 1, 20),      Int("channel", 0, 9),    Word("log_state", kOnOff),   Int("log_level", 1, 8),
    Word("trap_state", kOnOff), Int("trap_level", 1, 8), Word("debug_state", kOnOff), Int("debug_level", 1, 8),
};

constexpr Column kFileGlobal[] = {
    Int("id", 1, 1),
    Word("file_prompt", "quiet"),
    Flag("ftp_server"),
};

constexpr Table kTables[] = {
    {.name = "system", .keys = 1, .columns = kSystem, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "clock", .keys = 1, .columns = kClock, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "info_center", .keys = 1, .columns = kInfoCenter, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "info_channel", .keys = 1, .columns = kInfoChannel, .order_by = "number"},
    {.name = "info_source", .keys = 2, .columns = kInfoSource, .order_by = "channel, module"},
    {.name = "info_loghost", .keys = 1, .columns = kInfoLogHost, .order_by = "address COLLATE ADDRESS"},
    {.name = "file_global", .keys = 1, .columns = kFileGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
};

}  // namespace

std::span<const Table> SystemTables() {
  return kTables;
}

}  // namespace sw::configdb
