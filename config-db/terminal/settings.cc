// User interfaces, levels of commands, and what greets a user.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::int64_t kMaxBanner = 2000;
constexpr std::int64_t kMaxHotkey = 254;

constexpr Column kTerminal[] = {
    Int("id", 1, 1),
    Int("maximum_vty", 5, 256),
    Text("header_incoming", 1, kMaxBanner),
    Text("header_login", 1, kMaxBanner),
    Text("header_shell", 1, kMaxBanner),
    Text("hotkey_g", 1, kMaxHotkey),
    Text("hotkey_l", 1, kMaxHotkey),
    Text("hotkey_o", 1, kMaxHotkey),
    Text("hotkey_t", 1, kMaxHotkey),
    Text("hotkey_u", 1, kMaxHotkey),
    Flag("telnet_server"),
};

constexpr Column kUserInterface[] = {
    Word("type", "con|aux|vty"),
    Int("number", 0, 255),
    Word("authentication_mode", "none|password|scheme"),
    Flag("command_authorization"),
    Secret("password", kMaxCipherText),
    Word("password_form", kForms),
    Int("privilege_level", 0, 3),
    Int("idle_minutes", 0, 35791),
    Int("idle_seconds", 0, 59),
    Int("screen_length", 0, 512),
    Int("history_size", 0, 256),
    Word("protocol_inbound", "ssh|telnet"),
    Int("acl_inbound", 2000, 3999),
    Int("acl_outbound", 2000, 3999),
    Flag("no_shell"),
    Word("super_authentication", "super-password|scheme|super-password scheme"),
};

constexpr Column kSuperPassword[] = {
    Int("level", 1, 3),
    Required(Secret("password", kMaxCipherText)),
    Required(Word("password_form", kForms)),
};

constexpr Column kCommandPrivilege[] = {
    Text("view", 1, 40),
    Text("command", 1, 254),
    Required(Int("level", 0, 3)),
};

constexpr Column kSshKey[] = {
    Text("user", 1, 80),
    Text("fingerprint", 1, 60),
};

constexpr Table kTables[] = {
    {.name = "terminal", .keys = 1, .columns = kTerminal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "user_interface",
     .keys = 2,
     .columns = kUserInterface,
     .order_by = "CASE type WHEN 'con' THEN 0 WHEN 'aux' THEN 1 ELSE 2 END, number"},
    {.name = "super_password", .keys = 1, .columns = kSuperPassword, .order_by = "level"},
    {.name = "command_privilege", .keys = 2, .columns = kCommandPrivilege, .order_by = "view, command"},
    {.name = "ssh_key", .keys = 2, .columns = kSshKey, .order_by = "user, fingerprint"},
};

}  // namespace

std::span<const Table> TerminalTables() {
  return kTables;
}

}  // namespace sw::configdb
