// The device itself: its name, clock, information centre and what concerns its files.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "Router 3000 command reference page 68; sizes are recollection";

constexpr Column kSystem[] = {
    Int("id", 1, 1),
    Text("sysname", 1, 30,
         {.preset_words = "SecBlade_VPN", .origin = "guide pages 386 and 418; the length is recollection"}),
    Word("cpu_cycle", "5sec|72min", {.preset_words = "1min"})};

constexpr Column kClock[] = {
    Int("id", 1, 1),           Text("zone", 1, 32),        Word("zone_direction", "add|minus"),
    Time("zone_offset"),       Text("summer_zone", 1, 32), Word("summer_form", "one-off|repeating"),
    Time("summer_start_time"), Date("summer_start_date"),  Time("summer_end_time"),
    Date("summer_end_date"),   Time("summer_offset"),
};

constexpr std::string_view kStamps = "date|boot|none";
constexpr std::string_view kOnOff = "on|off";

constexpr Column kInfoCenter[] = {
    Int("id", 1, 1),
    Flag("disabled"),
    Int("console_channel", 0, 9, {.preset = 0}),
    Int("monitor_channel", 0, 9, {.preset = 1}),
    Int("snmp_channel", 0, 9, {.preset = 5}),
    Int("logbuffer_channel", 0, 9, {.preset = 4}),
    Int("logbuffer_size", 0, 1024, {.preset = 512, .unit = "lines"}),
    Int("trapbuffer_channel", 0, 9, {.preset = 3}),
    Int("trapbuffer_size", 0, 1024, {.preset = 256, .unit = "lines"}),
    Text("loghost_source", 1, 40),
    Word("timestamp_log", kStamps, {.preset_words = "date"}),
    Word("timestamp_trap", kStamps, {.preset_words = "date"}),
    Word("timestamp_debugging", kStamps, {.preset_words = "boot"}),
};

constexpr Column kInfoLogHost[] = {
    Address("address"),
    Int("channel", 0, 9, {.preset = 2, .keeps_preset = true}),
    Int("facility", 16, 23, {.preset = 23, .keeps_preset = true}),
    Word("language", "chinese", {.preset_words = "english"}),
};

constexpr Column kInfoChannel[] = {
    Int("number", 0, 9),
    Text("name", 1, 30, {.required = true}),
};

// Module "default": all that have no row of their own.
constexpr Column kInfoSource[] = {
    Text("module", 1, 20),      Int("channel", 0, 9),    Word("log_state", kOnOff),   Int("log_level", 1, 8),
    Word("trap_state", kOnOff), Int("trap_level", 1, 8), Word("debug_state", kOnOff), Int("debug_level", 1, 8),
};

constexpr Column kFileGlobal[] = {
    Int("id", 1, 1),
    Word("file_prompt", "quiet", {.preset_words = "alert"}),
    Flag("ftp_server"),
};

constexpr Table kTables[] = {
    {.name = "system",
     .keys = 1,
     .columns = kSystem,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kRecollection},
    {.name = "clock",
     .keys = 1,
     .columns = kClock,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = "Router 2.30 command list; arguments of the time zone are recollection"},
    {.name = "info_center",
     .keys = 1,
     .columns = kInfoCenter,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "info_channel", .keys = 1, .columns = kInfoChannel, .order_by = "number", .origin = kOrigin},
    {.name = "info_source", .keys = 2, .columns = kInfoSource, .order_by = "channel, module", .origin = kOrigin},
    {.name = "info_loghost",
     .keys = 1,
     .columns = kInfoLogHost,
     .order_by = "address COLLATE ADDRESS",
     .origin = kOrigin},
    {.name = "file_global",
     .keys = 1,
     .columns = kFileGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kRecollection},
};

}  // namespace

std::span<const Table> SystemTables() {
  return kTables;
}

}  // namespace sw::configdb
