// DVPN as configured: global settings, classes of clients, policies of servers, and the settings of a tunnel's engine
// made of them. Ranges: dvpn/limits.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config-db/store.h"
#include "device/config/secret.h"
#include "device/interface/values.h"
#include "dvpn/settings.h"
#include "hal/base/result.h"

namespace sw::device {

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
  int session_history_age = dvpn::kHistoryAge.preset;  // hours
  std::vector<int> registration_suites;                // those a server accepts; empty: all. Our extension
};

struct DvpnConfig {
  DvpnGlobalConfig global;
  std::map<std::string, DvpnClassConfig> classes;
  std::map<std::string, DvpnPolicyConfig> policies;
};

Result<DvpnConfig> LoadDvpn(const configdb::Store& store);
// What concerns tunnels, classes and policies together.
Status ValidateDvpn(const DvpnConfig& config, const InterfacesConfig& interfaces);

// The settings of a tunnel's engine, or in words why it does not run (yet): "no source address", "dvpn service is
// disabled", "class c1 names no public-ip" ...
Result<dvpn::TunnelSettings> TunnelSettingsOf(const DvpnConfig& config, const InterfacesConfig& interfaces,
                                              const std::string& sysname, const InterfaceConfig& tunnel);

}  // namespace sw::device
