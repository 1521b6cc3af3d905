// User interfaces, levels of commands, and what greets a user.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = "Router 3000 command reference pages 378 and 471; ranges partly recollection";

constexpr std::int64_t kMaxBanner = 2000;
constexpr std::int64_t kMaxHotkey = 254;

constexpr Column kTerminal[] = {
    Int("id", 1, 1),
    Int("maximum_vty", 5, 256, {.preset = 5, .unit = "lines", .origin = kOurs}),
    Line("header_incoming", 1, kMaxBanner),
    Line("header_login", 1, kMaxBanner),
    Line("header_shell", 1, kMaxBanner),
    Line("hotkey_g", 1, kMaxHotkey),
    Line("hotkey_l", 1, kMaxHotkey),
    Line("hotkey_o", 1, kMaxHotkey),
    Line("hotkey_t", 1, kMaxHotkey),
    Line("hotkey_u", 1, kMaxHotkey),
    Flag("telnet_server"),
    Int("lockout_attempts", 1, 100, {.preset = 5, .unit = "wrong passwords", .origin = kOurs}),
    Int("lockout_minutes", 1, 1440, {.preset = 10, .unit = "minutes", .origin = kOurs}),
};

constexpr Column kUserInterface[] = {
    Word("type", "con|aux|vty"),
    Int("number", 0, 255),
    Word("authentication_mode", "none|password|scheme", {.preset_words = "none on the console, else password"}),
    Flag("command_authorization"),
    Concealable("password", 16, 160),
    Word("password_form", kPasswordForms),
    Int("privilege_level", 0, 3, {.preset_words = "3 on the console, else 0", .unit = "level"}),
    Int("idle_minutes", 0, 35791, {.preset = 10, .unit = "minutes", .keeps_preset = true}),
    Int("idle_seconds", 0, 59, {.preset = 0, .unit = "seconds"}),
    Int("screen_length", 0, 512, {.preset = 24, .unit = "lines"}),
    Int("history_size", 0, 256, {.preset = 10, .unit = "lines"}),
    Word("protocol_inbound", "ssh|telnet", {.preset_words = "all"}),
    Int("acl_inbound", 2000, 3999, {.unit = "ACL number", .refers_to = "acl"}),
    Int("acl_outbound", 2000, 3999, {.unit = "ACL number", .refers_to = "acl"}),
    Flag("no_shell"),
    Word("super_authentication", "super-password|scheme|super-password scheme", {.preset_words = "super-password"}),
};

constexpr Column kSuperPassword[] = {
    Int("level", 1, 3, {.preset = 3, .unit = "level"}),
    Concealable("password", 16, 160, {.required = true}),
    Word("password_form", kPasswordForms, {.required = true}),
};

constexpr Column kCommandPrivilege[] = {
    Text("view", 1, 40),
    Line("command", 1, 254),
    Int("level", 0, 3, {.required = true}),
};

constexpr Column kSshKey[] = {
    Text("user", 1, 80),
    Text("fingerprint", 50, 60),
};

constexpr Table kTables[] = {
    {.name = "terminal",
     .keys = 1,
     .columns = kTerminal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "user_interface",
     .keys = 2,
     .columns = kUserInterface,
     .order_by = "CASE type WHEN 'con' THEN 0 WHEN 'aux' THEN 1 ELSE 2 END, number",
     .origin = kOrigin},
    {.name = "super_password", .keys = 1, .columns = kSuperPassword, .order_by = "level", .origin = kOrigin},
    {.name = "command_privilege",
     .keys = 2,
     .columns = kCommandPrivilege,
     .order_by = "view, command",
     .origin = kOrigin},
    {.name = "ssh_key", .keys = 2, .columns = kSshKey, .order_by = "user, fingerprint", .origin = kOurs},
};

}  // namespace

std::span<const Table> TerminalTables() {
  return kTables;
}

}  // namespace sw::configdb
