// DVPN as configured: global settings, classes of clients, policies of servers, and the settings of a tunnel's engine
// made of them. Defaults come from the settings.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config-db/schema.h"
#include "device/config/rows.h"
#include "device/config/secret.h"
#include "device/interface/values.h"
#include "dvpn/settings.h"
#include "hal/base/result.h"

namespace sw::device {

struct DvpnClassConfig {
  std::string name;
  Ipv4 public_ip, private_ip;
  int suite = configdb::Preset("dvpn_class", "algorithm_suite");
  dvpn::ServerMethod authenticate_server = dvpn::ServerMethod::kNone;
  std::string certificate_domain, server_name;
  std::optional<dvpn::SecurityMinimum> minimum;  // nullopt: the global one
  Secret pre_shared_key;
  std::string user;
  Secret password;
  int udp_port = configdb::Preset("dvpn_class", "udp_port");
};

struct DvpnPolicyConfig {
  dvpn::Policy policy;
  bool authentication_set = false;  // otherwise the global method rules (our choice; precedence is not documented)
};

struct DvpnGlobalConfig {
  bool service = false;
  int register_interval = configdb::Preset("dvpn_global", "register_interval");  // seconds
  int register_retry = configdb::Preset("dvpn_global", "register_retry");
  int register_dumb = configdb::Preset("dvpn_global", "register_dumb");  // seconds
  int map_age = configdb::Preset("dvpn_global", "map_age");              // seconds
  int address_hold = configdb::Preset("dvpn_global", "address_hold");    // seconds
  int user_addresses = configdb::Preset("dvpn_global", "user_addresses");
  Secret pre_shared_key;
  std::string certificate_domain;
  dvpn::AuthMethod authentication = dvpn::AuthMethod::kNone;
  std::string authentication_domain;
  dvpn::SecurityMinimum minimum = dvpn::SecurityMinimum::kProtected;
  int session_history_age = configdb::Preset("dvpn_global", "session_history_age");  // hours
  std::vector<int> registration_suites;  // those a server accepts; empty: all. Our extension
};

struct DvpnConfig {
  DvpnGlobalConfig global;
  std::map<std::string, DvpnClassConfig> classes;
  std::map<std::string, DvpnPolicyConfig> policies;
};

struct DvpnDelta {
  bool global = false;
  std::set<std::string> classes, policies;
};

void TakeDvpnGlobal(const configdb::Key&, Rows rows, DvpnConfig& config, DvpnDelta& delta);
void TakeDvpnClass(const configdb::Key& key, Rows rows, DvpnConfig& config, DvpnDelta& delta);
void TakeDvpnPolicy(const configdb::Key& key, Rows rows, DvpnConfig& config, DvpnDelta& delta);
// What concerns tunnels that changed: what their role rules out, and what two of them may not share.
Status ValidateDvpn(const InterfacesConfig& interfaces, const InterfaceDelta& changed);

// The settings of a tunnel's engine, or in words why it does not run (yet): "no source address", "dvpn service is
// disabled", "class c1 names no public-ip" ...
Result<dvpn::TunnelSettings> TunnelSettingsOf(const DvpnConfig& config, const InterfacesConfig& interfaces,
                                              const std::string& sysname, const InterfaceConfig& tunnel);

}  // namespace sw::device
