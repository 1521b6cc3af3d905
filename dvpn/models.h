// What `display dvpn ...`, SNMP and the tests see of a running tunnel: values, taken at one moment.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvpn/types.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "ipsec/drop.h"

namespace sw::dvpn {

// What was said last on a map or a session, and what happens next: for `display dvpn why`.
struct Trail {
  std::uint8_t sent = 0, heard = 0;  // message types, dvpn/wire.h; 0: nothing yet
  Time sent_at, heard_at;
  std::string_view timer;  // the timer that runs next; empty: none
  Time timer_at = Time::Never();

  template <typename State>
  void Fields(State& state) {  // the timer is filled in by who asks
    state(sent, heard, sent_at, heard_at);
  }
};

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
  std::string send_error;  // the system's words, when it could not send in the attempt that runs
  int suite = 0;           // of the registration; 0: not agreed upon yet
  int attempts = 0;        // clients: since the last success or silence
  Trail trail;
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
  bool proven = false;  // traffic goes by this session; before that it is relayed
  SessionState state = SessionState::kSetupInit;
  CommunicateType type = CommunicateType::kClientToServer;
  Time built;
  std::uint64_t sent_packets = 0, sent_bytes = 0, received_packets = 0, received_bytes = 0;
  std::size_t path_mtu = 0;        // IP packet size that the path was found to carry; 0: no narrow place found
  std::optional<Time> away_since;  // client-client: the server is away since then, the session goes on without it
  int requests = 0;                // sent in the exchange that runs
  int session_suite = 0, data_suite = 0;
  ServerProofKind server_proof = ServerProofKind::kNone;  // in the registration that this session comes from
  Time keyed;                                             // when the keys in use were made
  std::uint64_t bytes_under_keys = 0;                     // of inner packets, both directions, by these keys
  bool forward_secrecy = false;                           // the keys come from an exchange of their own
  std::string weakness;                                   // in words, every one of them; empty: none known
  Trail trail;
};

// Two clients, as their server saw them lately.
struct PairInfo {
  std::uint64_t relayed = 0;  // packets, since the server first relayed one
  Time since;                 // of the relaying that goes on, or went on last
  Time last;                  // a packet was relayed
  std::uint64_t told = 0;     // how often both were told of each other since then
  std::string held_back;      // why they are not told of each other, in words; empty: they are
};

// Where packets of a client do not come through, as its server told it.
struct UnreachedInfo {
  Ipv4 peer_private, destination;  // the other client; of the packet that ended
  bool registered = false;         // it is, and has not opened its session: its map is not proven
  Time told;
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
