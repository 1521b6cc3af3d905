// ISP domains, local users, RADIUS and HWTACACS schemes.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kAaaGlobal[] = {
    Int("id", 1, 1),
    Word("password_display_mode", "cipher-force"),
    Text("default_domain", 1, 24),
    Address("radius_nas_ip"),
    Flag("radius_trap_authentication"),
    Flag("radius_trap_accounting"),
};

constexpr Column kLocalUser[] = {
    Text("name", 1, 80),
    Secret("password", kMaxCipherText),
    Word("password_form", kForms),
    Flag("service_dvpn"),
    Flag("service_ftp"),
    Text("ftp_directory", 1, 63),
    Flag("service_ppp"),
    Flag("service_ssh"),
    Flag("service_telnet"),
    Flag("service_terminal"),
    Int("level", 0, 3),
    Word("state", "active|block"),
    Int("access_limit", 1, 1024),
    Address("bind_ip"),
    Text("bind_mac", 14, 14),
    Int("bind_vlan", 1, 4094),
    Address("bind_nas_ip"),
    Text("bind_port", 1, 24),
    Int("idle_cut_seconds", 60, 7200),
};

// `scheme`, `authentication`, `authorization` and `accounting` each name a scheme or a method; `..._local` lets the
// local users stand in when no server answers.
constexpr Column kIspDomain[] = {
    Text("name", 1, 24),
    Word("state", "active|block"),
    Int("access_limit", 1, 1024),
    Refers("radius_scheme", Text("radius_scheme", 1, 32)),
    Refers("hwtacacs_scheme", Text("hwtacacs_scheme", 1, 32)),
    Flag("scheme_local"),
    Word("scheme", "none"),
    Refers("radius_scheme", Text("authentication_radius", 1, 32)),
    Refers("hwtacacs_scheme", Text("authentication_hwtacacs", 1, 32)),
    Flag("authentication_local"),
    Word("authentication", "local|none"),
    Refers("hwtacacs_scheme", Text("authorization_hwtacacs", 1, 32)),
    Word("authorization", "local|none"),
    Refers("radius_scheme", Text("accounting_radius", 1, 32)),
    Refers("hwtacacs_scheme", Text("accounting_hwtacacs", 1, 32)),
    Word("accounting", "none"),
    Flag("accounting_optional"),
    Int("idle_minutes", 1, 120),
    Int("idle_flow", 1, 10240000),
    Text("self_service_url", 1, 64),
    Text("authentication_super", 1, 32),
};

// Addresses for users of a domain, and for those of no domain in particular.
constexpr Column kIspPool[] = {
    Text("domain", 1, 24),
    Int("number", 0, 99),
    Required(Address("low")),
    Address("high"),
};
constexpr Column kIpPool[] = {
    Int("number", 0, 99),
    Required(Address("low")),
    Address("high"),
};

constexpr Column kLocalServer[] = {
    Address("address"),
    Required(Secret("shared_key", kMaxCipherText)),
    Required(Word("shared_key_form", kForms)),
};

constexpr std::string_view kServerStates = "block|active";
constexpr std::string_view kDataUnits = "byte|giga-byte|kilo-byte|mega-byte";
constexpr std::string_view kPacketUnits = "giga-packet|kilo-packet|mega-packet|one-packet";

constexpr Column kRadiusScheme[] = {
    Text("name", 1, 32),
    Word("server_type", "huawei|standard|extended"),
    Address("primary_authentication_ip"),
    Int("primary_authentication_port", 1, 65535),
    Word("primary_authentication_state", kServerStates),
    Address("primary_accounting_ip"),
    Int("primary_accounting_port", 1, 65535),
    Word("primary_accounting_state", kServerStates),
    Address("secondary_authentication_ip"),
    Int("secondary_authentication_port", 1, 65535),
    Word("secondary_authentication_state", kServerStates),
    Address("secondary_accounting_ip"),
    Int("secondary_accounting_port", 1, 65535),
    Word("secondary_accounting_state", kServerStates),
    Secret("authentication_key", kMaxCipherText),
    Word("authentication_key_form", kForms),
    Secret("accounting_key", kMaxCipherText),
    Word("accounting_key_form", kForms),
    Int("retry", 1, 20),
    Int("response_timeout", 1, 10),
    Int("quiet", 1, 255),
    Int("realtime_accounting", 3, 60),
    Int("retry_realtime_accounting", 1, 255),
    Int("retry_stop_accounting", 10, 65535),
    Flag("no_stop_accounting_buffer"),
    Flag("accounting_optional"),
    Word("user_name_format", "with-domain|without-domain"),
    Word("data_unit", kDataUnits),
    Word("packet_unit", kPacketUnits),
    Address("nas_ip"),
};

constexpr Column kHwtacacsScheme[] = {
    Text("name", 1, 32),
    Address("primary_authentication_ip"),
    Int("primary_authentication_port", 1, 65535),
    Address("primary_authorization_ip"),
    Int("primary_authorization_port", 1, 65535),
    Address("primary_accounting_ip"),
    Int("primary_accounting_port", 1, 65535),
    Address("secondary_authentication_ip"),
    Int("secondary_authentication_port", 1, 65535),
    Address("secondary_authorization_ip"),
    Int("secondary_authorization_port", 1, 65535),
    Address("secondary_accounting_ip"),
    Int("secondary_accounting_port", 1, 65535),
    Secret("authentication_key", kMaxCipherText),
    Word("authentication_key_form", kForms),
    Secret("authorization_key", kMaxCipherText),
    Word("authorization_key_form", kForms),
    Secret("accounting_key", kMaxCipherText),
    Word("accounting_key_form", kForms),
    Int("response_timeout", 1, 300),
    Int("quiet", 1, 255),
    Int("realtime_accounting", 3, 60),
    Int("retry_stop_accounting", 1, 300),
    Word("user_name_format", "without-domain"),
    Word("data_unit", kDataUnits),
    Word("packet_unit", kPacketUnits),
    Address("nas_ip"),
};

constexpr Table kTables[] = {
    {.name = "aaa_global", .keys = 1, .columns = kAaaGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "radius_scheme",
     .keys = 1,
     .columns = kRadiusScheme,
     .order_by = "name <> 'system', name",
     .factory = "(name) VALUES ('system')"},
    {.name = "hwtacacs_scheme", .keys = 1, .columns = kHwtacacsScheme, .order_by = "name"},
    {.name = "local_user", .keys = 1, .columns = kLocalUser, .order_by = "name"},
    {.name = "isp_domain",
     .keys = 1,
     .columns = kIspDomain,
     .order_by = "name <> 'system', name",
     .factory = "(name) VALUES ('system')"},
    {.name = "isp_pool", .keys = 2, .columns = kIspPool, .order_by = "domain, number", .parent = "isp_domain"},
    {.name = "ip_pool", .keys = 1, .columns = kIpPool, .order_by = "number"},
    {.name = "local_server", .keys = 1, .columns = kLocalServer, .order_by = "address COLLATE ADDRESS"},
};

}  // namespace

std::span<const Table> AaaTables() {
  return kTables;
}

}  // namespace sw::configdb
