// DVPN: global settings, classes of clients, policies of servers.
#include "config-db/columns.h"
#include "config-db/subjects.h"
#include "hal/base/dvpn_ranges.h"
#include "hal/base/suite_numbers.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kMib = "A3COM-HUAWEI-DVPN-MIB";

constexpr Column kDvpnGlobal[] = {
    Int("id", 1, 1),
    Flag("service", {.preset_words = "disable"}),
    Int("register_interval", dvpn::kRegisterInterval, {.unit = "seconds"}),
    Int("register_retry", dvpn::kRegisterRetry, {.unit = "times"}),
    Int("register_dumb", dvpn::kRegisterDumb, {.unit = "seconds"}),
    Int("map_age", dvpn::kMapAge, {.unit = "seconds"}),
    Int("address_hold", dvpn::kAddressHold, {.unit = "seconds", .origin = kOurs}),
    Int("user_addresses", dvpn::kUserAddresses, {.unit = "addresses", .origin = kOurs}),
    Concealable("pre_shared_key", dvpn::kMaxPreSharedKey, 220),
    Word("pre_shared_key_form", kForms),
    Text("certificate_domain", 1, 15, {.origin = kOurs, .refers_to = "pki_domain"}),
    Word("authentication_method", "pap|chap", {.preset_words = "none"}),
    Text("authentication_domain", 1, 24),
    Word("security_minimum", "none|strong", {.preset_words = "protected", .origin = kOurs}),
    Text("registration_suites", 1, 60, {.preset_words = "all", .origin = kOurs}),
    Int("session_history_age", dvpn::kHistoryAge,
        {.unit = "hours", .origin = "MIB SessionHisAgeTime; the command is our choice"}),
};

constexpr Column kDvpnClass[] = {
    Text("name", 1, 31),
    Address("public_ip"),
    Address("private_ip"),
    Int("algorithm_suite", hal::kFirstSuite, hal::kLastSuite, {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Word("authentication_server", "pre-share|certificate", {.preset_words = "none"}),
    Text("certificate_domain", 1, 15, {.origin = kOurs, .refers_to = "pki_domain"}),
    Text("server_name", 1, 80, {.preset_words = "the address of public-ip", .origin = kOurs}),
    Word("security_minimum", "none|protected|strong",
         {.preset_words = "that of dvpn security minimum", .origin = kOurs}),
    Concealable("pre_shared_key", dvpn::kMaxPreSharedKey, 220),
    Word("pre_shared_key_form", kForms),
    Text("local_user", 1, dvpn::kMaxUserName),
    Concealable("password", 63, 140),
    Word("password_form", kForms),
    Int("udp_port", dvpn::kUdpPort,
        {.unit = "port", .origin = "recollection; the range and the command are our choice"}),
};

constexpr Column kDvpnPolicy[] = {
    Text("name", 1, 31),
    Word("authentication_method", "none|pap|chap", {.preset_words = "that of dvpn server"}),
    Text("authentication_domain", 1, 24),
    Int("session_algorithm_suite", hal::kFirstSuite, hal::kLastSuite,
        {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Int("session_idle_time", dvpn::kSessionIdle, {.unit = "seconds"}),
    Int("session_keepalive_interval", dvpn::kSessionKeepalive, {.unit = "seconds"}),
    Int("session_setup_interval", dvpn::kSessionSetup,
        {.unit = "seconds", .origin = "MIB; Router 3000 command reference page 1287"}),
    Int("data_algorithm_suite", hal::kFirstSuite, hal::kLastSuite,
        {.preset = hal::kDefaultSuite, .unit = "suite number"}),
    Int("data_sa_duration", dvpn::kSaDuration, {.unit = "seconds"}),
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
