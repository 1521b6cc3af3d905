// What a DVPN tunnel is told to be: plain values, already in their ranges (hal/base/dvpn_ranges.h).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "dvpn/types.h"
#include "hal/base/address.h"
#include "hal/base/dvpn_ranges.h"
#include "hal/base/secret.h"
#include "hal/certificates.h"

namespace sw::dvpn {

using std::chrono::seconds;

// What a server issues to every client of its domain (guide page 210); authentication stays on the server.
struct Policy {
  std::string name;
  AuthMethod authentication = AuthMethod::kNone;
  std::string isp_domain;
  int session_suite = 1;  // protects session negotiation
  int data_suite = 1;     // protects data
  seconds idle{kSessionIdle.preset};
  seconds keepalive{kSessionKeepalive.preset};
  seconds setup_interval{kSessionSetup.preset};
  seconds sa_duration{kSaDuration.preset};
  friend bool operator==(const Policy&, const Policy&) = default;
};

struct ClientSettings {
  std::string class_name;
  Ipv4 server_public;
  std::uint16_t server_port = kUdpPort.preset;
  Ipv4 server_private;  // 0.0.0.0: learned at registration
  int suite = 1;        // of the registration
  ServerMethod authenticate_server = ServerMethod::kNone;
  SecretBytes pre_shared_key;                       // kPreShare
  std::shared_ptr<const hal::Authority> authority;  // kCertificate: who issued the server's
  std::string server_name;                          // in its certificate; empty: server_public has to be there
  SecurityMinimum minimum = SecurityMinimum::kProtected;
  std::string user_name;
  SecretBytes password;
  RegisterType register_type = RegisterType::kNormal;
  seconds register_interval{kRegisterInterval.preset};
  int register_retry = kRegisterRetry.preset;
  seconds register_dumb{kRegisterDumb.preset};
  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

struct ServerSettings {
  int dvpn_id = 0;
  Policy policy;
  SecretBytes pre_shared_key;                           // empty: this server cannot prove itself by one
  std::shared_ptr<const hal::Credentials> credentials;  // null: nor by a certificate
  seconds map_age{kMapAge.preset};
  seconds address_hold{kAddressHold.preset};           // a private address stays its user's for so long after the map
  std::size_t user_addresses = kUserAddresses.preset;  // that one user may have at a time
  std::vector<int> accepted_suites;  // for registration, our own; empty: every suite the crypto engine has
  friend bool operator==(const ServerSettings&, const ServerSettings&) = default;
};

struct TunnelSettings {
  std::string name;        // "Tunnel0"
  std::string device_id;   // what peers see of this device: its sysname
  Prefix address;          // the private (tunnel) address
  Endpoint local;          // source address and UDP port
  std::size_t mtu = 1420;  // of the tunnel interface
  int security_acl = 0;    // packets it permits travel in clear (MIB TunnelAcl); 0: none
  std::variant<ClientSettings, ServerSettings> role;
  friend bool operator==(const TunnelSettings&, const TunnelSettings&) = default;
};

}  // namespace sw::dvpn
