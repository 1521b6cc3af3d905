// DVPN: global settings, classes of clients, policies of servers.
#include "config-db/columns.h"
#include "config-db/subjects.h"
#include "hal/base/suite_numbers.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kMib = "A3COM-HUAWEI-DVPN-MIB";

constexpr Column kDvpnGlobal[] = {
    Int("id", 1, 1),
    Flag("service", {.preset_words = "disable"}),
    Int("register_interval", 3, 60, {.preset = 10, .unit = "seconds"}),
    Int("register_retry", 1, 6, {.preset = 3, .unit = "times"}),
    Int("register_dumb", 60, 3600, {.preset = 300, .unit = "seconds"}),
    Int("map_age", 10, 180, {.preset = 30, .unit = "seconds"}),
    Int("address_hold", 0, 86400, {.preset = 3600, .unit = "seconds", .origin = kOurs}),
    Concealable("pre_shared_key", 127, 220),
    Word("pre_shared_key_form", kForms),
    Word("authentication_method", "pap|chap", {.preset_words = "none"}),
    Text("authentication_domain", 1, 24),
    Word("security_minimum", "none|strong", {.preset_words = "protected", .origin = kOurs}),
    Text("registration_suites", 1, 60, {.preset_words = "all", .origin = kOurs}),
    Int("session_history_age", 1, 100,
        {.preset = 50, .unit = "hours", .origin = "MIB SessionHisAgeTime; the command is our choice"}),
};

constexpr Column kDvpnClass[] = {
    Text("name", 1, 31),
    Address("public_ip"),
    Address("private_ip"),
    Int("algorithm_suite", hal::kFirstSuite, hal::kLastSuite, {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Word("authentication_server", "pre-share", {.preset_words = "none"}),
    Word("security_minimum", "none|protected|strong",
         {.preset_words = "that of dvpn security minimum", .origin = kOurs}),
    Concealable("pre_shared_key", 127, 220),
    Word("pre_shared_key_form", kForms),
    Text("local_user", 1, 80),
    Concealable("password", 63, 140),
    Word("password_form", kForms),
    Int("udp_port", 1024, 65535,
        {.preset = 9876, .unit = "port", .origin = "recollection; the range and the command are our choice"}),
};

constexpr Column kDvpnPolicy[] = {
    Text("name", 1, 31),
    Word("authentication_method", "none|pap|chap", {.preset_words = "that of dvpn server"}),
    Text("authentication_domain", 1, 24),
    Int("session_algorithm_suite", hal::kFirstSuite, hal::kLastSuite,
        {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Int("session_idle_time", 60, 86400, {.preset = 300, .unit = "seconds"}),
    Int("session_keepalive_interval", 5, 300, {.preset = 10, .unit = "seconds"}),
    Int("session_setup_interval", 5, 60,
        {.preset = 10, .unit = "seconds", .origin = "MIB; Router 3000 command reference page 1287"}),
    Int("data_algorithm_suite", hal::kFirstSuite, hal::kLastSuite,
        {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Int("data_sa_duration", 180, 604800, {.preset = 3600, .unit = "seconds"}),
};

constexpr Table kTables[] = {
    {.name = "dvpn_global",
     .keys = 1,
     .columns = kDvpnGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kMib},
    {.name = "dvpn_class", .keys = 1, .columns = kDvpnClass, .order_by = "name", .origin = kMib},
    {.name = "dvpn_policy", .keys = 1, .columns = kDvpnPolicy, .order_by = "name", .origin = kMib},
};

}  // namespace

std::span<const Table> DvpnTables() {
  return kTables;
}

}  // namespace sw::configdb
