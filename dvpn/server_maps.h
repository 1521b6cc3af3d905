// The server's side of the eight steps: maps, from the first message with a good cookie to the client that has opened
// its session. It walks the server's table of dvpn/registration_table.h.
//
// Steps 1 and 2 keep nothing and compute one HMAC. Step 3 is answered only with a good cookie; unfinished maps are
// bounded in number, per source address and network, and in age. A request that comes again byte for byte gets the same
// answer again; any other repetition changes nothing. Whatever is refused is said to the client at once, with its own
// nonce, and to the operator once per client and reason.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvpn/admission.h"
#include "dvpn/refuser.h"
#include "dvpn/server_exchange.h"
#include "dvpn/server_map.h"
#include "dvpn/terms.h"
#include "dvpn/user_check.h"

namespace sw::dvpn {

class ServerMaps {
 public:
  ServerMaps(Core& core, const ServerSettings& settings, ServerMapsHost& host);

  void OnFrame(const wire::Frame& frame, Endpoint from);
  void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) {
    refuser_.OnOtherVersion(version, datagram, from);
  }
  void OnTimer(std::uint64_t key);
  void TakeVerdicts();      // of an authenticator that answered meanwhile
  void OnProven(Map& map);  // its client opened the session
  const MapTable& table() const { return maps_; }
  MapTable& table() { return maps_; }
  MapInfo Info(const Map& map) const { return InfoOf(map, core_.settings, settings_.dvpn_id); }
  const RefusalLog& refusals() const { return refuser_.log(); }
  void Remove(Map& map, const std::string& why, std::optional<wire::Release> tell = std::nullopt);
  template <typename State>
  void Fields(State& state);  // the finished ones; the others begin again

 private:
  struct Request;  // what came, opened, and what is known of its sender

  void Feed(Map* map, table::ServerInput input, Request& request);
  table::Outcome Act(table::ServerAction action, Map* map, Request& request);
  void OnPart(const wire::Frame& frame, Endpoint from);
  void OnSealed(Map& map, const wire::Frame& frame, Endpoint from, table::ServerInput input);
  void OnClearRefuse(const wire::Frame& frame, Endpoint from);
  void Choose(Request& request);
  void Agree(Request& request);
  void Pass(Map& map, wire::Answer answer);
  table::Outcome Admit(Map& map, const wire::RegReq& request);
  void Answer(Map& map, Bytes datagram);
  void Age(Map& map, Duration after);

  Core& core_;
  const ServerSettings& settings_;
  ServerMapsHost& host_;
  Guesses guesses_;
  ServerExchange exchange_;
  std::uint32_t last_control_id_ = 0;
  MapTable maps_;
  HalfOpen half_open_;
  UserCheck users_;
  Admission admission_;
  Refuser refuser_;
  WeaknessLog weak_;
};

}  // namespace sw::dvpn
