// What `display dvpn ...`, SNMP and the tests see of a running tunnel: values, taken at one moment.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dvpn/types.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "ipsec/drop.h"

namespace sw::dvpn {

// MIB MapTable; guide page 206.
struct MapInfo {
  std::uint32_t control_id = 0;
  int dvpn_id = 0;  // 0 until the map is built
  std::string tunnel;
  Ipv4 peer_private, local_private;
  Endpoint peer_public, local_public;
  std::string peer_device_id;
  std::string user_name;  // empty when the client was not authenticated
  MapState state = MapState::kClientInit;
  CommunicateType type = CommunicateType::kClientToServer;
  Time built;              // when the state became SUCCESS or FINISHED
  std::string last_error;  // why the last registration ended, in words; empty: never failed
};

// MIB SessionTable.
struct SessionInfo {
  int dvpn_id = 0;
  std::string tunnel;
  Ipv4 peer_private, local_private;
  Endpoint peer_public, local_public;
  std::string peer_device_id;
  std::string user_name;  // empty for client-client
  bool initiator = false;
  bool proven = false;    // traffic goes by this session; before that it is relayed
  SessionState state = SessionState::kSetupInit;
  CommunicateType type = CommunicateType::kClientToServer;
  Time built;
  std::uint64_t sent_packets = 0, sent_bytes = 0, received_packets = 0, received_bytes = 0;
};

struct IpsecSaInfo {
  int dvpn_id = 0;
  std::string tunnel;
  Ipv4 peer_private;
  Endpoint peer_public;
  std::uint32_t inbound_spi = 0, outbound_spi = 0;
  int suite = 0;
  Duration left{0};  // of the hard lifetime
  std::uint64_t inbound_packets = 0, outbound_packets = 0;
};

// MIB counters, per tunnel; a device or a domain adds them up.
struct Counters {
  std::uint64_t input = 0, dropped = 0, output = 0, output_errors = 0, encryption_errors = 0;
  std::uint64_t redirects = 0;  // sent, servers only
  std::uint64_t relayed = 0;    // forwarded between clients, servers only
};

}  // namespace sw::dvpn
