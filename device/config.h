// The configuration rows as typed values. Loading checks shape; ValidateConfig checks what concerns several rows.
// Column names and defaults: config-db/schema.h; ranges of DVPN values: dvpn/limits.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config-db/store.h"
#include "device/platform.h"
#include "dvpn/settings.h"
#include "hal/base/result.h"

namespace sw::device {

// A key or password as configured: plain, or concealed text (device/cipher_text.h).
struct Secret {
  std::string text;
  bool cipher = false;
  bool set() const { return !text.empty(); }
  // What it stands for; nullopt when the concealed text is not ours and cannot be opened.
  std::optional<SecretBytes> Reveal() const;
  friend bool operator==(const Secret&, const Secret&) = default;
};

struct TunnelConfig {
  bool dvpn = false;       // tunnel-protocol udp dvpn; otherwise gre, which is stored only
  std::string source;      // address or interface name; empty: none
  dvpn::Role role = dvpn::Role::kClient;
  int dvpn_id = 0;
  std::string policy, dvpn_class;
  dvpn::RegisterType register_type = dvpn::RegisterType::kNormal;
  int udp_port = dvpn::kUdpPort.preset;
  int acl = 0;
  friend bool operator==(const TunnelConfig&, const TunnelConfig&) = default;
};

struct InterfaceConfig {
  std::string name, kind;
  bool shutdown = false;
  std::string description;
  int mtu = 0, vlan = 0;
  std::vector<Prefix> addresses;  // primary first
  TunnelConfig tunnel;            // only for kind Tunnel
  friend bool operator==(const InterfaceConfig&, const InterfaceConfig&) = default;
};

struct LocalUser {
  std::string name;
  Secret password;
  bool dvpn = false;    // service-type dvpn
  bool active = true;   // state
  int level = 0;
};

struct DvpnClassConfig {
  std::string name;
  Ipv4 public_ip, private_ip;
  int suite = 1;
  bool authenticate_server = false;
  Secret pre_shared_key;
  std::string user;
  Secret password;
  int udp_port = dvpn::kUdpPort.preset;
};

struct DvpnPolicyConfig {
  dvpn::Policy policy;
  bool authentication_set = false;  // otherwise the global method rules (our choice; precedence is not documented)
};

struct DvpnGlobalConfig {
  bool service = false;
  int register_interval = dvpn::kRegisterInterval.preset;
  int register_retry = dvpn::kRegisterRetry.preset;
  int register_dumb = dvpn::kRegisterDumb.preset;
  int map_age = dvpn::kMapAge.preset;
  Secret pre_shared_key;
  dvpn::AuthMethod authentication = dvpn::AuthMethod::kNone;
  std::string authentication_domain;
  std::vector<int> registration_suites;  // those a server accepts; empty: all. Our extension
};

struct Config {
  std::string sysname;
  std::vector<InterfaceConfig> interfaces;  // in display order
  std::vector<StaticRoute> routes;
  std::map<std::string, LocalUser> users;
  std::vector<std::string> domains;
  DvpnGlobalConfig dvpn;
  std::map<std::string, DvpnClassConfig> classes;
  std::map<std::string, DvpnPolicyConfig> policies;

  const InterfaceConfig* FindInterface(std::string_view name) const;
};

inline constexpr const char* kDefaultSysname = "SecBlade_VPN";  // as in the guide's examples (pages 386, 418)

Result<Config> LoadConfig(const configdb::Store& store);
// Refuses what no device could run: one line that names the object and the reason.
Status ValidateConfig(const Config& config);

// The settings of a tunnel's engine, or in words why it does not run (yet): "no source address", "dvpn service is
// disabled", "class c1 names no public-ip" ...
Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel);

}  // namespace sw::device
