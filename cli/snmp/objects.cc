#include "cli/snmp/objects.h"

#include <fmt/format.h>

#include <array>

#include "config-db/schema.h"

namespace sw::cli::snmp {
namespace {

constexpr std::array<Word, 2> kEnable{{{1, "1"}, {2, ""}}};
constexpr std::array<Word, 2> kTrap{{{1, ""}, {2, "disable"}}};
constexpr std::array<Word, 3> kMethod{{{1, ""}, {2, "pap"}, {3, "chap"}}};
constexpr std::array<Word, 3> kPolicyMethod{{{1, "none"}, {2, "pap"}, {3, "chap"}}};
constexpr std::array<Word, 3> kServerMethod{{{1, ""}, {2, "pre-share"}, {3, "certificate"}}};  // 3: ours
constexpr std::array<Word, 2> kForm{{{1, "simple"}, {2, "cipher"}}};
constexpr std::array<Word, 2> kRole{{{1, ""}, {2, "server"}}};
constexpr std::array<Word, 4> kRegisterType{
    {{1, "undistributed"}, {2, "forward"}, {3, "undistributed forward"}, {4, ""}}};

constexpr std::string_view kGlobal = "dvpn_global", kPolicy = "dvpn_policy", kClass = "dvpn_class";
constexpr std::string_view kInterface = "interface", kSnmp = "snmp_global";

const std::vector<ConfigObject>& Objects() {
  static const std::vector<ConfigObject> objects = {
      {{1, 1, 1}, kGlobal, "service", Syntax::kInteger, kEnable},
      {{1, 1, 4}, kGlobal, "map_age", Syntax::kInteger},
      {{1, 1, 5}, kGlobal, "register_interval", Syntax::kInteger},
      {{1, 1, 6}, kGlobal, "register_dumb", Syntax::kInteger},
      {{1, 1, 7}, kGlobal, "register_retry", Syntax::kInteger},
      {{1, 1, 17}, kGlobal, "pre_shared_key", Syntax::kOctets, {}, false, true},
      {{1, 1, 18}, kSnmp, "map_trap", Syntax::kInteger, kTrap},
      {{1, 1, 19}, kSnmp, "session_trap", Syntax::kInteger, kTrap},
      {{1, 1, 24}, kGlobal, "authentication_method", Syntax::kInteger, kMethod},
      {{1, 1, 25}, kGlobal, "authentication_domain", Syntax::kOctets},
      {{1, 1, 27}, kGlobal, "session_history_age", Syntax::kInteger},
      {{1, 2, 1, 1, 2}, kPolicy, "authentication_method", Syntax::kInteger, kPolicyMethod},
      {{1, 2, 1, 1, 3}, kPolicy, "session_algorithm_suite", Syntax::kInteger},
      {{1, 2, 1, 1, 4}, kPolicy, "session_idle_time", Syntax::kInteger},
      {{1, 2, 1, 1, 5}, kPolicy, "session_keepalive_interval", Syntax::kInteger},
      {{1, 2, 1, 1, 6}, kPolicy, "session_setup_interval", Syntax::kInteger},
      {{1, 2, 1, 1, 7}, kPolicy, "data_algorithm_suite", Syntax::kInteger},
      {{1, 2, 1, 1, 8}, kPolicy, "data_sa_duration", Syntax::kInteger},
      {{1, 2, 1, 1, 9}, kPolicy, "authentication_domain", Syntax::kOctets},
      {{1, 2, 3, 1, 3}, kClass, "public_ip", Syntax::kOctets, {}, true},
      {{1, 2, 3, 1, 5}, kClass, "private_ip", Syntax::kOctets, {}, true},
      {{1, 2, 3, 1, 6}, kClass, "algorithm_suite", Syntax::kInteger},
      {{1, 2, 3, 1, 7}, kClass, "authentication_server", Syntax::kInteger, kServerMethod},
      {{1, 2, 3, 1, 8}, kClass, "pre_shared_key", Syntax::kOctets, {}, false, true},
      {{1, 2, 3, 1, 9}, kClass, "local_user", Syntax::kOctets},
      {{1, 2, 3, 1, 10}, kClass, "password_form", Syntax::kInteger, kForm},
      {{1, 2, 3, 1, 11}, kClass, "password", Syntax::kOctets, {}, false, true},
      {{1, 2, 4, 1, 1}, kInterface, "dvpn_interface_type", Syntax::kInteger, kRole},
      {{1, 2, 4, 1, 2}, kInterface, "dvpn_acl", Syntax::kInteger},
      {{1, 2, 4, 1, 3}, kInterface, "dvpn_register_type", Syntax::kInteger, kRegisterType},
      {{1, 2, 4, 1, 4}, kInterface, "dvpn_id", Syntax::kInteger},
      {{1, 2, 4, 1, 5}, kInterface, "dvpn_policy", Syntax::kOctets},
      {{1, 2, 4, 1, 6}, kInterface, "dvpn_class", Syntax::kOctets},
  };
  return objects;
}

// What NULL stands for in a number of the MIB: the setting's preset, or 0 for "not set".
std::int64_t PresetOf(const ConfigObject& object) {
  return configdb::FindColumn(*configdb::FindTable(object.table), object.column)->preset.value_or(0);
}

}  // namespace

std::span<const ConfigObject> ConfigObjects() {
  return Objects();
}

std::span<const ConfigTable> ConfigTables() {
  static const std::vector<ConfigTable> tables = {
      {{}, kGlobal, 0},
      {{}, kSnmp, 0},
      {{1, 2, 1, 1}, kPolicy, 11},
      {{1, 2, 3, 1}, kClass, 12},
      {{1, 2, 4, 1}, kInterface, 0},
  };
  return tables;
}

Value Read(const ConfigObject& object, const configdb::Row& row) {
  const configdb::Value& value = row[object.column];
  Value out{object.syntax, PresetOf(object), {}};
  if (object.secret) return out;
  if (!object.words.empty()) {
    const std::string text = configdb::TextOf(value);
    out.number = object.words.front().number;
    for (const Word& word : object.words)
      if (word.text == text) out.number = word.number;
    return out;
  }
  if (object.syntax == Syntax::kInteger) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) out.number = *number;
    return out;
  }
  out.octets = configdb::TextOf(value);
  if (!object.address) return out;
  out.octets = AddressOctets(Ipv4::Parse(out.octets).value_or(Ipv4()));
  return out;
}

Result<configdb::Value> Written(const ConfigObject& object, const Value& value) {
  if (value.syntax != object.syntax) return Status(Code::kUnsupported, "wrong type");
  if (!object.words.empty()) {
    for (const Word& word : object.words) {
      if (word.number != value.number) continue;
      if (word.text.empty()) return configdb::Value();
      if (word.text == "1") return configdb::Value(std::int64_t{1});
      return configdb::Value(std::string(word.text));
    }
    return Status(Code::kBadValue, fmt::format("{}: no such value", value.number));
  }
  if (object.syntax == Syntax::kInteger) {
    return value.number == PresetOf(object) ? configdb::Value() : configdb::Value(value.number);
  }
  if (object.address) {
    if (value.octets.size() != 4) return Status(Code::kBadValue, "not an IPv4 address");
    std::uint32_t address = 0;
    for (const char octet : value.octets) address = address << 8 | static_cast<std::uint8_t>(octet);
    return configdb::Value(Ipv4(address).ToString());
  }
  for (const char c : value.octets)
    if (c <= ' ' || c > '~') return Status(Code::kBadValue, "only printable characters without blanks");
  return value.octets.empty() ? configdb::Value() : configdb::Value(value.octets);
}

std::string AddressOctets(Ipv4 address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(address.value >> shift & 0xff);
  return out;
}

Oid StringIndex(std::string_view text) {
  Oid out = {text.size()};
  for (const char c : text) out.push_back(static_cast<std::uint8_t>(c));
  return out;
}

std::optional<std::string> FromStringIndex(std::span<const unsigned long> index) {
  if (index.empty() || index.size() != index.front() + 1) return std::nullopt;
  std::string out;
  for (const unsigned long part : index.subspan(1)) {
    if (part > 0xff) return std::nullopt;
    out += static_cast<char>(part);
  }
  return out;
}

}  // namespace sw::cli::snmp
