// DVPN settings. `session setup-interval` and `session keepalive-interval` are printed on page 1287 of the Router 3000
// command reference, the spelling of the other commands is recollection. `udp-port` in class view is ours.
#include "cli/session/secrets.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem), kClass = In(View::kDvpnClass), kPolicy = In(View::kDvpnPolicy);
constexpr std::string_view kGlobalTable = "dvpn_global", kClassTable = "dvpn_class", kPolicyTable = "dvpn_policy";
constexpr Stores kColumns = Stores::kColumns;

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "dvpn service { enable=service:1 | disable=service:NULL }",
     .help = "Dynamic VPN|DVPN as a whole|Switch DVPN on|Switch DVPN off, the default",
     .undo = "dvpn service",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn client register-interval <register_interval>",
     .help = "|Settings of DVPN clients|Time between two registrations|{}",
     .undo = "dvpn client register-interval",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn client register-retry <register_retry>",
     .help = "||Retries after a registration that failed|{}",
     .undo = "dvpn client register-retry",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn client register-dumb <register_dumb>",
     .help = "||Silence after the last retry|{}",
     .undo = "dvpn client register-dumb",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn server map age-time <map_age>",
     .help = "|Settings of DVPN servers|Maps of clients|Longest life of an unfinished map|{}",
     .undo = "dvpn server map age-time",
     .stores = kColumns,
     .table = kGlobalTable},
    // Ours.
    {.views = kSystem,
     .form = "dvpn server address-hold <address_hold>",
     .help = "||Time a private address stays its user's after the map, unless a user has private-ip|{}",
     .undo = "dvpn server address-hold",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn server user-addresses <user_addresses>",
     .help = "||Private addresses that one user may have at a time (extension)|{}",
     .undo = "dvpn server user-addresses",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn server pre-shared-key { simple=pre_shared_key_form <pre_shared_key> | "
             "cipher=pre_shared_key_form <pre_shared_key:concealed> | <pre_shared_key> }",
     .help = "||Key by which this server proves itself|Shown as typed|The key|Shown concealed|"
             "The key, or its concealed text|The key, shown concealed",
     .run = StoreSecret,
     .undo = "dvpn server pre-shared-key",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn server certificate domain <certificate_domain>",
     .help = "||Certificate by which this server proves itself (extension)|PKI domain that has it|Domain name",
     .undo = "dvpn server certificate domain",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form =
         "dvpn server authentication-client method { none=authentication_method:NULL | { chap=authentication_method "
         "| pap=authentication_method } [ domain <authentication_domain> ] }",
     .help =
         "||Authentication of clients|How clients prove themselves|Not at all, the default|"
         "Challenge handshake|Password in the encrypted channel|ISP domain of user names that carry none|Domain name",
     .undo = "dvpn server authentication-client method",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kSystem,
     .form = "dvpn session history age-time <session_history_age>",
     .help = "|Sessions of this device|Those that are over|Time a session stays in the history|{}",
     .undo = "dvpn session history age-time",
     .stores = kColumns,
     .table = kGlobalTable},
    // Ours: the guide's client takes what a server says.
    {.views = kSystem,
     .form = "dvpn security minimum { none=security_minimum | protected=security_minimum:NULL | "
             "strong=security_minimum }",
     .help = "|What is taken from a server (extension)|Weakest protection that is taken|Anything, even no protection|"
             "No null suite and no pap, the default|No weak suite either",
     .undo = "dvpn security minimum",
     .stores = kColumns,
     .table = kGlobalTable},
    // Ours: the guide's server takes what a client offers.
    {.views = kSystem,
     .form = "dvpn server algorithm-suite { 1=registration_suites | 2=registration_suites | "
             "3=registration_suites | 4=registration_suites | 5=registration_suites | 6=registration_suites | "
             "7=registration_suites | 8=registration_suites | 9=registration_suites | 10=registration_suites "
             "| 11=registration_suites | 12=registration_suites | 14=registration_suites | "
             "15=registration_suites | 16=registration_suites | 17=registration_suites | 18=registration_suites }*",
     .help = "||Suites accepted for registration, all by default|DES, MD5, 768 bit|DES, MD5, 1024 bit|DES, "
             "SHA1, 768 bit|DES, SHA1, 1024 bit|3DES, MD5, 768 bit|3DES, MD5, 1024 bit|3DES, SHA1, 768 "
             "bit|3DES, SHA1, 1024 bit|AES, MD5, 768 bit|AES, MD5, 1024 bit|AES, SHA1, 768 bit|AES, SHA1, "
             "1024 bit|AES-GCM 128, P-256|AES-GCM 128, X25519|AES-GCM 256, P-256|AES-GCM 256, X25519|AES-GCM 256, "
             "X25519 and "
             "ML-KEM-768",
     .undo = "dvpn server algorithm-suite",
     .stores = kColumns,
     .table = kGlobalTable},

    {.views = kSystem,
     .form = "dvpn class <name>",
     .help = "|What a client knows of a server|Class name",
     .undo = "dvpn class <name>",
     .stores = Stores::kObject,
     .table = kClassTable,
     .enters = View::kDvpnClass},
    {.views = kClass,
     .form = "public-ip <public_ip>",
     .help = "Public address of the server|IP address",
     .undo = "public-ip",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "private-ip <private_ip>",
     .help = "Private (tunnel) address of the server|IP address",
     .undo = "private-ip",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "udp-port <udp_port>",
     .help = "UDP port of the server|{}",
     .undo = "udp-port",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "algorithm-suite { <algorithm_suite:..12> | <algorithm_suite:14..> }",
     .help = "Algorithms that protect the registration|{}|Extension: AES-GCM with SHA-256",
     .undo = "algorithm-suite",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "authentication-server method { none=authentication_server:NULL | pre-share=authentication_server | "
             "certificate=authentication_server }",
     .help = "Authentication of the server|How the server proves itself|Not at all, the default|By the pre-shared key|"
             "By its certificate, an extension",
     .undo = "authentication-server method",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "certificate domain <certificate_domain>",
     .help = "Certificate of the server (extension)|PKI domain whose authority issued it|Domain name",
     .undo = "certificate domain",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "certificate server-name <server_name>",
     .help = "|Name that is in it, in place of the address of public-ip|Name",
     .undo = "certificate server-name",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "security minimum { none=security_minimum | protected=security_minimum | strong=security_minimum }",
     .help = "What is taken from this server (extension)|Weakest protection that is taken, in place of dvpn security minimum|"
             "Anything, even no protection|No null suite and no pap|No weak suite either",
     .undo = "security minimum",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "pre-shared-key { simple=pre_shared_key_form <pre_shared_key> | "
             "cipher=pre_shared_key_form <pre_shared_key:concealed> | <pre_shared_key> }",
     .help = "Key by which the server proves itself|Shown as typed|The key|Shown concealed|"
             "The key, or its concealed text|The key, shown concealed",
     .run = StoreSecret,
     .undo = "pre-shared-key",
     .stores = kColumns,
     .table = kClassTable},
    {.views = kClass,
     .form = "local-user <local_user> password { simple=password_form <password> | "
             "cipher=password_form <password:concealed> }",
     .help = "Who this client is to the server|User name|Password of the user|Shown as typed|The password|"
             "Shown concealed|The password, or its concealed text",
     .run = StoreSecret,
     .undo = "local-user",
     .stores = kColumns,
     .table = kClassTable},

    {.views = kSystem,
     .form = "dvpn policy <name>",
     .help = "|What a server issues to the clients of a domain|Policy name",
     .undo = "dvpn policy <name>",
     .stores = Stores::kObject,
     .table = kPolicyTable,
     .enters = View::kDvpnPolicy},
    {.views = kPolicy,
     .form = "authentication-client method { none=authentication_method | { chap=authentication_method | "
             "pap=authentication_method } [ domain <authentication_domain> ] }",
     .help = "Authentication of clients|How clients prove themselves|Not at all|Challenge handshake|"
             "Password in the encrypted channel|ISP domain of user names that carry none|Domain name",
     .undo = "authentication-client method",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "session algorithm-suite { <session_algorithm_suite:..12> | <session_algorithm_suite:14..> }",
     .help = "Sessions of the domain|Algorithms that protect session control|{}|Extension: "
             "AES-GCM with SHA-256",
     .undo = "session algorithm-suite",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "session idle-time <session_idle_time>",
     .help = "|Time without traffic that ends a session|{}",
     .undo = "session idle-time",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "session keepalive-interval <session_keepalive_interval>",
     .help = "|Time without traffic before a keepalive is sent|{}",
     .undo = "session keepalive-interval",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "session setup-interval <session_setup_interval>",
     .help = "|Time between two Setup requests|{}",
     .undo = "session setup-interval",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "data algorithm-suite <data_algorithm_suite>",
     .help = "Data of the domain|Algorithms that protect data|{}; 13 protects nothing, 14 to "
             "18 are an extension",
     .undo = "data algorithm-suite",
     .stores = kColumns,
     .table = kPolicyTable},
    {.views = kPolicy,
     .form = "data ipsec-sa duration time-based <data_sa_duration>",
     .help = "|Security associations of sessions|Life of a security association|By time|{}",
     .undo = "data ipsec-sa duration time-based",
     .stores = kColumns,
     .table = kPolicyTable},
};

}  // namespace

std::span<const Command> DvpnCommands() {
  return kCommands;
}

}  // namespace sw::cli
