// ISP domains, local users, RADIUS and HWTACACS schemes.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin =
    "Switch 8800 configuration guide pages 240-249; Router 3000 command reference pages 1023-1075; ranges partly "
    "recollection";

constexpr Column kAaaGlobal[] = {
    Int("id", 1, 1),
    Word("password_display_mode", "cipher-force", {.preset_words = "auto"}),
    Text("default_domain", 1, 24, {.preset_words = "system"}),
    Address("radius_nas_ip"),
    Flag("radius_trap_authentication"),
    Flag("radius_trap_accounting"),
};

constexpr Column kLocalUser[] = {
    Text("name", 1, 80),
    Concealable("password", 63, 160),
    Word("password_form", kPasswordForms),
    Flag("service_dvpn"),
    Flag("service_ftp"),
    Text("ftp_directory", 1, 63),
    Flag("service_ppp"),
    Flag("service_ssh"),
    Flag("service_telnet"),
    Flag("service_terminal"),
    Int("level", 0, 3, {.preset = 0, .unit = "level"}),
    Word("state", "active|block", {.preset_words = "active"}),
    Int("access_limit", 1, 1024, {.preset_words = "any number", .unit = "times"}),
    Address("bind_ip"),
    Mac("bind_mac"),
    Int("bind_vlan", 1, 4094, {.unit = "VLAN ID"}),
    Address("bind_nas_ip"),
    Text("bind_port", 1, 24),
    Int("idle_cut_seconds", 60, 7200, {.unit = "seconds"}),
    Address("private_ip", {.preset_words = "the first that the user has", .origin = kOurs}),
};

// What lies behind a DVPN client of the user.
constexpr Column kLocalUserNetwork[] = {
    Text("name", 1, 80),
    Address("network"),
    Int("mask_length", 0, 32),
};

// `scheme`, `authentication`, `authorization` and `accounting` each name a scheme or a method; `..._local` lets the
// local users stand in when no server answers.
constexpr Column kIspDomain[] = {
    Text("name", 1, 24),
    Word("state", "active|block", {.preset_words = "active"}),
    Int("access_limit", 1, 1024, {.preset_words = "any number", .unit = "users"}),
    Text("radius_scheme", 1, 32, {.refers_to = "radius_scheme"}),
    Text("hwtacacs_scheme", 1, 32, {.refers_to = "hwtacacs_scheme"}),
    Flag("scheme_local"),
    Word("scheme", "none", {.preset_words = "local"}),
    Text("authentication_radius", 1, 32, {.refers_to = "radius_scheme"}),
    Text("authentication_hwtacacs", 1, 32, {.refers_to = "hwtacacs_scheme"}),
    Flag("authentication_local"),
    Word("authentication", "local|none"),
    Text("authorization_hwtacacs", 1, 32, {.refers_to = "hwtacacs_scheme"}),
    Word("authorization", "local|none"),
    Text("accounting_radius", 1, 32, {.refers_to = "radius_scheme"}),
    Text("accounting_hwtacacs", 1, 32, {.refers_to = "hwtacacs_scheme"}),
    Word("accounting", "none"),
    Flag("accounting_optional"),
    Int("idle_minutes", 1, 120, {.preset_words = "off", .unit = "minutes"}),
    Int("idle_flow", 1, 10240000, {.unit = "bytes that are no traffic yet"}),
    Text("self_service_url", 1, 64, {.preset_words = "none", .unit = "URL"}),
    Text("authentication_super", 1, 32),
};

// Addresses for users of a domain, and for those of no domain in particular.
constexpr Column kIspPool[] = {
    Text("domain", 1, 24),
    Int("number", 0, 99),
    Address("low", {.required = true}),
    Address("high"),
};
constexpr Column kIpPool[] = {
    Int("number", 0, 99),
    Address("low", {.required = true}),
    Address("high"),
};

constexpr Column kLocalServer[] = {
    Address("address"),
    Concealable("shared_key", 16, 160, {.required = true}),
    Word("shared_key_form", kForms, {.required = true}),
};

constexpr std::string_view kServerStates = "block|active";
constexpr std::string_view kDataUnits = "byte|giga-byte|kilo-byte|mega-byte";
constexpr std::string_view kPacketUnits = "giga-packet|kilo-packet|mega-packet|one-packet";

constexpr Column kRadiusScheme[] = {
    Text("name", 1, 32),
    Word("server_type", "huawei|standard|extended", {.preset_words = "standard"}),
    Address("primary_authentication_ip"),
    Int("primary_authentication_port", 1, 65535,
        {.preset = 1812, .unit = "port", .origin = "RFC 2865", .keeps_preset = true}),
    Word("primary_authentication_state", kServerStates),
    Address("primary_accounting_ip"),
    Int("primary_accounting_port", 1, 65535,
        {.preset = 1813, .unit = "port", .origin = "RFC 2866", .keeps_preset = true}),
    Word("primary_accounting_state", kServerStates),
    Address("secondary_authentication_ip"),
    Int("secondary_authentication_port", 1, 65535,
        {.preset = 1812, .unit = "port", .origin = "RFC 2865", .keeps_preset = true}),
    Word("secondary_authentication_state", kServerStates),
    Address("secondary_accounting_ip"),
    Int("secondary_accounting_port", 1, 65535,
        {.preset = 1813, .unit = "port", .origin = "RFC 2866", .keeps_preset = true}),
    Word("secondary_accounting_state", kServerStates),
    Concealable("authentication_key", 16, 100),
    Word("authentication_key_form", kForms),
    Concealable("accounting_key", 16, 100),
    Word("accounting_key_form", kForms),
    Int("retry", 1, 20, {.preset = 3, .unit = "times", .origin = "Switch 8800 configuration guide page 249"}),
    Int("response_timeout", 1, 10, {.preset = 3, .unit = "seconds", .origin = "2005 edition page 282"}),
    Int("quiet", 1, 255, {.preset = 5, .unit = "minutes"}),
    Int("realtime_accounting", 3, 60, {.preset = 12, .unit = "minutes"}),
    Int("retry_realtime_accounting", 1, 255, {.preset = 5, .unit = "times"}),
    Int("retry_stop_accounting", 10, 65535,
        {.preset = 500, .unit = "times", .origin = "Router 3000 command reference page 1053"}),
    Flag("no_stop_accounting_buffer"),
    Flag("accounting_optional"),
    Flag("unsigned_answers"),
    Word("user_name_format", "with-domain|without-domain", {.preset_words = "with-domain, but in the scheme system"}),
    Word("data_unit", kDataUnits, {.preset_words = "byte"}),
    Word("packet_unit", kPacketUnits, {.preset_words = "one-packet"}),
    Address("nas_ip", {.preset_words = "that of the outgoing interface", .unit = "IP address"}),
};

constexpr Column kHwtacacsScheme[] = {
    Text("name", 1, 32),
    Address("primary_authentication_ip"),
    Int("primary_authentication_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Address("primary_authorization_ip"),
    Int("primary_authorization_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Address("primary_accounting_ip"),
    Int("primary_accounting_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Address("secondary_authentication_ip"),
    Int("secondary_authentication_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Address("secondary_authorization_ip"),
    Int("secondary_authorization_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Address("secondary_accounting_ip"),
    Int("secondary_accounting_port", 1, 65535, {.preset = 49, .unit = "port", .keeps_preset = true}),
    Concealable("authentication_key", 16, 100),
    Word("authentication_key_form", kForms),
    Concealable("authorization_key", 16, 100),
    Word("authorization_key_form", kForms),
    Concealable("accounting_key", 16, 100),
    Word("accounting_key_form", kForms),
    Int("response_timeout", 1, 300, {.preset = 5, .unit = "seconds"}),
    Int("quiet", 1, 255, {.preset = 5, .unit = "minutes"}),
    Int("realtime_accounting", 3, 60, {.preset = 12, .unit = "minutes"}),
    Int("retry_stop_accounting", 1, 300, {.preset = 100, .unit = "times"}),
    Word("user_name_format", "without-domain", {.preset_words = "with-domain"}),
    Word("data_unit", kDataUnits, {.preset_words = "byte"}),
    Word("packet_unit", kPacketUnits, {.preset_words = "one-packet"}),
    Address("nas_ip", {.preset_words = "that of the outgoing interface", .unit = "IP address"}),
};

constexpr Table kTables[] = {
    {.name = "aaa_global",
     .keys = 1,
     .columns = kAaaGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "radius_scheme",
     .keys = 1,
     .columns = kRadiusScheme,
     .order_by = "name <> 'system', name",
     .factory = "(name) VALUES ('system')",
     .origin = kOrigin},
    {.name = "hwtacacs_scheme", .keys = 1, .columns = kHwtacacsScheme, .order_by = "name", .origin = kRecollection},
    {.name = "local_user", .keys = 1, .columns = kLocalUser, .order_by = "name", .origin = kOrigin},
    {.name = "local_user_network",
     .keys = 3,
     .columns = kLocalUserNetwork,
     .order_by = "name, network COLLATE ADDRESS, mask_length",
     .parent = "local_user",
     .origin = kOurs},
    {.name = "isp_domain",
     .keys = 1,
     .columns = kIspDomain,
     .order_by = "name <> 'system', name",
     .factory = "(name) VALUES ('system')",
     .origin = kOrigin},
    {.name = "isp_pool",
     .keys = 2,
     .columns = kIspPool,
     .order_by = "domain, number",
     .parent = "isp_domain",
     .origin = "Router 3000 command reference page 1023"},
    {.name = "ip_pool",
     .keys = 1,
     .columns = kIpPool,
     .order_by = "number",
     .origin = "Router 3000 command reference page 1023"},
    {.name = "local_server",
     .keys = 1,
     .columns = kLocalServer,
     .order_by = "address COLLATE ADDRESS",
     .origin = "guide page 46"},
};

}  // namespace

std::span<const Table> AaaTables() {
  return kTables;
}

}  // namespace sw::configdb
