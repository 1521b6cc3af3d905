// Local users, ISP domains, RADIUS and HWTACACS schemes as configured. Defaults that are numbers come from the
// settings; sources of the others stand beside them.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "config-db/schema.h"
#include "device/config/rows.h"
#include "device/config/secret.h"
#include "hal/base/address.h"
#include "hal/base/result.h"

namespace sw::device {

inline constexpr const char* kSystemName = "system";  // the domain and the RADIUS scheme that always exist

struct LocalUser {
  std::string name;
  Secret password;
  bool dvpn = false;   // service-type dvpn
  bool active = true;  // state
  int level = 0;       // `level`, or that of `service-type ... level`
  bool ssh = false, telnet = false, terminal = false, ftp = false, ppp = false;
  int access_limit = 0;  // users at a time; 0: any number
  // `attribute`, stored only; empty or 0: not set.
  Ipv4 bind_ip, bind_nas_ip;
  std::string bind_mac, bind_port;
  int bind_vlan = 0, idle_cut_seconds = 0;
  // Of a DVPN client; our extension. Empty: not said.
  Ipv4 private_ip;
  std::vector<Prefix> networks;
};

struct AddressPool {
  int number = 0;
  Ipv4 low, high;  // the same: one address
};

// Where a domain's users are checked.
struct AaaMethod {
  enum class Kind : std::uint8_t { kLocal, kNone, kRadius, kHwtacacs } kind = Kind::kLocal;
  std::string scheme;  // kRadius, kHwtacacs
  bool local = false;  // the local users stand in when no server answers
  friend bool operator==(const AaaMethod&, const AaaMethod&) = default;
};

struct IspDomain {
  std::string name;
  bool active = true;
  int access_limit = 0;  // users at a time; 0: any number
  AaaMethod scheme;
  AaaMethod authentication;  // as `scheme` unless configured by itself
  AaaMethod accounting;      // likewise; kLocal: none is sent
  bool accounting_optional = false;
  int idle_minutes = 0, idle_flow = 0;  // 0: disabled; stored only
  std::string self_service_url;         // stored only
  std::string super_scheme;             // authentication super; stored only
  std::vector<AddressPool> pools;       // stored only; ascending by number
};

struct RadiusServerConfig {
  Endpoint endpoint;    // address 0.0.0.0: not configured
  bool active = false;  // `state`; without one, a server is active as soon as it has an address
};

struct RadiusScheme {
  std::string name;
  std::string server_type;  // standard, extended, huawei
  // [0] primary, [1] secondary
  std::array<RadiusServerConfig, 2> authentication, accounting;
  Secret authentication_key, accounting_key;
  int retry = configdb::Preset("radius_scheme", "retry");                        // transmissions to one server
  int response_timeout = configdb::Preset("radius_scheme", "response_timeout");  // seconds
  int quiet = configdb::Preset("radius_scheme", "quiet");                        // minutes
  int realtime = configdb::Preset("radius_scheme", "realtime_accounting");       // minutes
  int retry_realtime = configdb::Preset("radius_scheme", "retry_realtime_accounting");
  int retry_stop = configdb::Preset("radius_scheme", "retry_stop_accounting");
  bool stop_buffer = true;  // recollection
  bool accounting_optional = false;
  bool unsigned_answers = false;  // to access requests: without Message-Authenticator they are taken, too
  bool with_domain = true;  // user-name-format
  std::string data_unit = "byte", packet_unit = "one-packet";
  Ipv4 nas_ip;
};

struct HwtacacsScheme {
  std::string name;
  std::array<Endpoint, 2> authentication, authorization, accounting;
  bool authentication_key = false, authorization_key = false, accounting_key = false;  // set
  int response_timeout = configdb::Preset("hwtacacs_scheme", "response_timeout");      // seconds
  int quiet = configdb::Preset("hwtacacs_scheme", "quiet"),
      realtime = configdb::Preset("hwtacacs_scheme", "realtime_accounting");  // minutes
  int retry_stop = configdb::Preset("hwtacacs_scheme", "retry_stop_accounting");
  bool with_domain = true;
  Ipv4 nas_ip;
};

struct AaaConfig {
  std::map<std::string, LocalUser> users;
  std::map<std::string, IspDomain> domains;
  std::map<std::string, RadiusScheme> radius;
  std::map<std::string, HwtacacsScheme> hwtacacs;
  std::string default_domain = kSystemName;
  Ipv4 radius_nas_ip;
  bool trap_authentication = false, trap_accounting = false;  // `radius trap`
};

// The shared key of a scheme that has none configured. The sources differ (huawei: Router 3000 page 1043; 3Com: Switch
// 4500; none: later releases); the guide's own local server uses this one (page 46).
inline constexpr const char* kDefaultRadiusKey = "3com";

struct AaaDelta {
  bool domains = false;  // or what they are checked by
  bool radius = false;   // schemes
};

void TakeAaaGlobal(const configdb::Key&, Rows rows, AaaConfig& config, AaaDelta& delta);
void TakeRadiusScheme(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta);
void TakeHwtacacsScheme(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta);
void TakeLocalUser(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta);
void TakeLocalUserNetworks(const configdb::Key& user, Rows networks, AaaConfig& config, AaaDelta& delta);
void TakeDomain(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta);
void TakeDomainPools(const configdb::Key& domain, Rows pools, AaaConfig& config, AaaDelta& delta);

// Refuses more objects than the module takes (16 of each), a default domain that does not exist, and a scheme whose
// servers are the same.
Status ValidateAaa(const AaaConfig& config, const AaaDelta& delta);

}  // namespace sw::device
