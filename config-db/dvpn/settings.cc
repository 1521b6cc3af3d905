// DVPN: global settings, classes of clients, policies of servers.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

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
    Text("registration_suites", 1, 60),
    Int("session_history_age", 1, 100),
};

constexpr Column kDvpnClass[] = {
    Text("name", 1, 31),
    Address("public_ip"),
    Address("private_ip"),
    Int("algorithm_suite", 1, 17),
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
    Int("session_algorithm_suite", 1, 17),
    Int("session_idle_time", 60, 86400),
    Int("session_keepalive_interval", 5, 300),
    Int("session_setup_interval", 5, 60),
    Int("data_algorithm_suite", 1, 17),
    Int("data_sa_duration", 180, 604800),
};

constexpr Table kTables[] = {
    {.name = "dvpn_global", .keys = 1, .columns = kDvpnGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "dvpn_class", .keys = 1, .columns = kDvpnClass, .order_by = "name"},
    {.name = "dvpn_policy", .keys = 1, .columns = kDvpnPolicy, .order_by = "name"},
};

}  // namespace

std::span<const Table> DvpnTables() {
  return kTables;
}

}  // namespace sw::configdb
