// Interfaces as configured, tunnels among them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config-db/schema.h"
#include "config-db/store.h"
#include "device/platform.h"
#include "dvpn/types.h"
#include "hal/base/result.h"

namespace sw::device {

struct TunnelConfig {
  bool dvpn = false;   // tunnel-protocol udp dvpn; otherwise gre
  std::string source;  // address or interface name; empty: none
  Ipv4 destination;    // of GRE, as the rest up to the keepalive
  std::optional<std::uint32_t> gre_key;
  bool gre_checksum = false;
  bool gre_keepalive = false;
  int gre_keepalive_interval = configdb::Preset("interface", "gre_keepalive_interval");  // seconds
  int gre_keepalive_times = configdb::Preset("interface", "gre_keepalive_times");
  dvpn::Role role = dvpn::Role::kClient;
  int dvpn_id = 0;
  std::string policy, dvpn_class;
  dvpn::RegisterType register_type = dvpn::RegisterType::kNormal;
  int udp_port = configdb::Preset("interface", "dvpn_udp_port");
  int acl = 0;
  friend bool operator==(const TunnelConfig&, const TunnelConfig&) = default;
};

struct InterfaceConfig {
  std::string name, kind;
  bool shutdown = false;
  std::string description;
  int mtu = 0, vlan = 0;
  // Of ports, stored only; empty: negotiated.
  std::string duplex, speed;
  bool loopback = false;
  std::string remote;             // of a Virtual-Template, stored only: what the peer's address is
  std::vector<Prefix> addresses;  // primary first
  std::string ipsec_policy;       // group applied here; empty: none
  TunnelConfig tunnel;            // only for kind Tunnel
  friend bool operator==(const InterfaceConfig&, const InterfaceConfig&) = default;
};

struct InterfacesConfig {
  std::vector<InterfaceConfig> interfaces;  // in display order
  const InterfaceConfig* Find(std::string_view name) const;
  auto begin() const { return interfaces.begin(); }
  auto end() const { return interfaces.end(); }
};

// Where a tunnel's packets come from, or in words why there is no such address (yet).
Result<Ipv4> SourceAddress(const InterfacesConfig& interfaces, const TunnelConfig& tunnel);

Result<InterfacesConfig> LoadInterfaces(const configdb::Store& store);
// Refuses addresses that no interface can have or that overlap.
Status ValidateInterfaces(const InterfacesConfig& config);

}  // namespace sw::device
