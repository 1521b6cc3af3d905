#include "config-db/schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::configdb {
namespace {

constexpr Type kInt = Type::kInt;
constexpr Type kText = Type::kText;

constexpr Column Flag(std::string_view name) {
  return {.name = name, .type = kInt, .low = 0, .high = 1};
}
constexpr Column Int(std::string_view name, std::int64_t low, std::int64_t high) {
  return {.name = name, .type = kInt, .low = low, .high = high};
}
constexpr Column Text(std::string_view name, std::int64_t low, std::int64_t high) {
  return {.name = name, .type = kText, .low = low, .high = high};
}
constexpr Column Word(std::string_view name, std::string_view one_of) {
  return {.name = name, .type = kText, .one_of = one_of};
}
constexpr Column Required(Column column) {
  column.required = true;
  return column;
}
constexpr Column Secret(std::string_view name, std::int64_t high) {
  return {.name = name, .type = kText, .low = 1, .high = high, .secret = true};
}
constexpr Column Address(std::string_view name) {
  return Text(name, 7, 15);
}
constexpr std::string_view kForms = "simple|cipher";
constexpr std::int64_t kMaxCipherText = 512;

constexpr Column kSystem[] = {Int("id", 1, 1), Text("sysname", 1, 30)};

constexpr Column kInterface[] = {
    Text("name", 1, 40),
    Required(Word("kind", "GigabitEthernet|LoopBack|Tunnel|NULL")),
    Required(Int("number", 0, 4095)),
    Int("sub", 1, 4094),
    Flag("shutdown"),
    Text("description", 1, 80),
    Int("mtu", 46, 64000),
    Int("vlan_id", 1, 4094),
    Word("tunnel_protocol", "udp dvpn"),
    Text("tunnel_source", 1, 40),
    Word("dvpn_interface_type", "client|server"),
    Int("dvpn_id", 1, 65535),
    Text("dvpn_policy", 1, 31),
    Text("dvpn_class", 1, 31),
    Word("dvpn_register_type", "undistributed|forward|undistributed forward"),
    Int("dvpn_udp_port", 1024, 65535),
    Int("dvpn_acl", 2000, 3999),
};

constexpr Column kInterfaceAddress[] = {
    Text("interface", 1, 40),
    Address("address"),
    Required(Int("mask_length", 0, 32)),
    Required(Flag("sub")),
};

constexpr Column kRouteStatic[] = {
    Address("destination"),   Int("mask_length", 0, 32),           Text("next_hop", 0, 15),
    Text("interface", 0, 40), Required(Int("preference", 1, 255)), Word("kind", "reject|blackhole"),
};

constexpr Column kLocalUser[] = {
    Text("name", 1, 80), Secret("password", kMaxCipherText), Word("password_form", kForms), Flag("service_dvpn"),
    Int("level", 0, 3),  Word("state", "active|block"),
};

constexpr Column kIspDomain[] = {Text("name", 1, 24)};

constexpr Column kDvpnGlobal[] = {
    Int("id", 1, 1),
    Flag("service"),
    Int("register_interval", 3, 60),
    Int("register_retry", 1, 6),
    Int("register_dumb", 60, 3600),
    Int("map_age", 10, 180),
    Secret("pre_shared_key", kMaxCipherText),
    Word("pre_shared_key_form", kForms),
    Word("authentication_method", "pap|chap"),
    Text("authentication_domain", 1, 24),
    Text("registration_suites", 1, 40),
};

constexpr Column kDvpnClass[] = {
    Text("name", 1, 31),
    Address("public_ip"),
    Address("private_ip"),
    Int("algorithm_suite", 1, 12),
    Word("authentication_server", "pre-share"),
    Secret("pre_shared_key", kMaxCipherText),
    Word("pre_shared_key_form", kForms),
    Text("local_user", 1, 80),
    Secret("password", kMaxCipherText),
    Word("password_form", kForms),
    Int("udp_port", 1024, 65535),
};

constexpr Column kDvpnPolicy[] = {
    Text("name", 1, 31),
    Word("authentication_method", "none|pap|chap"),
    Text("authentication_domain", 1, 24),
    Int("session_algorithm_suite", 1, 12),
    Int("session_idle_time", 60, 86400),
    Int("session_keepalive_interval", 5, 300),
    Int("session_setup_interval", 5, 60),
    Int("data_algorithm_suite", 1, 13),
    Int("data_sa_duration", 180, 604800),
};

// Sub-interfaces follow their interface; NULL0 comes last, as in the captured configurations.
constexpr std::string_view kInterfaceOrder =
    "CASE kind WHEN 'GigabitEthernet' THEN 0 WHEN 'LoopBack' THEN 1 WHEN 'Tunnel' THEN 2 ELSE 3 END, number, "
    "sub IS NOT NULL, sub";

constexpr Table kTables[] = {
    {.name = "system", .keys = 1, .columns = kSystem, .order_by = "id", .factory = "(1, NULL)"},
    {.name = "interface",
     .keys = 1,
     .columns = kInterface,
     .order_by = kInterfaceOrder,
     .factory =
         "('NULL0', 'NULL', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"},
    {.name = "interface_address",
     .keys = 2,
     .columns = kInterfaceAddress,
     .order_by = "interface, sub, rowid",
     .parent = "interface"},
    {.name = "route_static",
     .keys = 4,
     .columns = kRouteStatic,
     .order_by = "destination COLLATE ADDRESS, mask_length, preference, next_hop COLLATE ADDRESS, interface"},
    {.name = "local_user", .keys = 1, .columns = kLocalUser, .order_by = "name"},
    {.name = "isp_domain",
     .keys = 1,
     .columns = kIspDomain,
     .order_by = "name <> 'system', name",
     .factory = "('system')"},
    {.name = "dvpn_global",
     .keys = 1,
     .columns = kDvpnGlobal,
     .order_by = "id",
     .factory = "(1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"},
    {.name = "dvpn_class", .keys = 1, .columns = kDvpnClass, .order_by = "name"},
    {.name = "dvpn_policy", .keys = 1, .columns = kDvpnPolicy, .order_by = "name"},
};

std::string Check(const Column& column) {
  if (!column.one_of.empty()) {
    std::string words;
    for (std::size_t at = 0; at <= column.one_of.size();) {
      const std::size_t end = std::min(column.one_of.find('|', at), column.one_of.size());
      words += fmt::format("{}'{}'", words.empty() ? "" : ", ", column.one_of.substr(at, end - at));
      at = end + 1;
    }
    return fmt::format(" CHECK ({} IN ({}))", column.name, words);
  }
  if (column.low == 0 && column.high == 0) return {};
  const std::string measured =
      column.type == Type::kInt ? std::string(column.name) : fmt::format("length(CAST({} AS BLOB))", column.name);
  return fmt::format(" CHECK ({} BETWEEN {} AND {})", measured, column.low, column.high);
}

bool OneOf(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find('|', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

std::span<const Table> Tables() {
  return kTables;
}

const Table* FindTable(std::string_view name) {
  const auto* it = std::ranges::find(kTables, name, &Table::name);
  return it == std::end(kTables) ? nullptr : it;
}

const Column* FindColumn(const Table& table, std::string_view name) {
  auto it = std::ranges::find(table.columns, name, &Column::name);
  return it == table.columns.end() ? nullptr : &*it;
}

std::string CreateSql(const Table& table) {
  std::string body, key;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const bool is_key = i < table.keys;
    body += fmt::format("{} {}{}{}, ", column.name, column.type == Type::kInt ? "INTEGER" : "TEXT",
                        is_key || column.required ? " NOT NULL" : "", Check(column));
    if (is_key) key += fmt::format("{}{}", i == 0 ? "" : ", ", column.name);
  }
  body += fmt::format("PRIMARY KEY ({})", key);
  if (!table.parent.empty()) {
    body += fmt::format(", FOREIGN KEY ({}) REFERENCES {}", table.columns.front().name, table.parent);
  }
  return fmt::format("CREATE TABLE {} ({}) STRICT", table.name, body);
}

Status CheckValue(const Table& table, const Column& column, const Value& value) {
  auto bad = [&](std::string_view what) {
    return Status(Code::kBadValue, fmt::format("{}.{} {}", table.name, column.name, what));
  };
  if (std::holds_alternative<std::monostate>(value)) {
    const bool is_key = static_cast<std::size_t>(&column - table.columns.data()) < table.keys;
    return is_key || column.required ? bad("needs a value") : Status();
  }
  const bool bounded = column.low != 0 || column.high != 0;
  auto outside = [&](std::int64_t v) { return bounded && (v < column.low || v > column.high); };
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (column.type != Type::kInt) return bad("takes text");
    if (outside(*number)) return bad(fmt::format("must be {} to {}", column.low, column.high));
    return {};
  }
  const std::string& text = std::get<std::string>(value);
  if (column.type != Type::kText) return bad("takes a number");
  if (text.find('\0') != std::string::npos) return bad("must not hold a zero byte");
  if (!column.one_of.empty()) return OneOf(column.one_of, text) ? Status() : bad("does not know this word");
  if (outside(static_cast<std::int64_t>(text.size()))) {
    return bad(fmt::format("must be {} to {} bytes long", column.low, column.high));
  }
  return {};
}

}  // namespace sw::configdb
