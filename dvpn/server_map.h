// The maps of a server: what it knows of each client that has come as far as step 3, and where each is found.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/authenticator.h"
#include "dvpn/control_channel.h"
#include "dvpn/half_open.h"
#include "dvpn/models.h"
#include "dvpn/registration_table.h"
#include "dvpn/settings.h"

namespace sw::dvpn {

struct Map {
  std::uint64_t key = 0;
  std::uint64_t client_id = 0;
  Endpoint endpoint;          // where the registration came from
  std::uint64_t request = 0;  // digest of step 3
  wire::Nonce nonce{};        // of the client
  table::ServerRow row = table::ServerRow::kNone;
  const hal::Suite* suite = nullptr;
  std::optional<ControlChannel> channel;
  SecretBytes session_base;
  AuthMethod method = AuthMethod::kNone;
  ServerProofKind proved = ServerProofKind::kNone;  // as the client asked
  SecretBytes chap;                                 // identifier and challenge
  Bytes last_request, last_answer;
  std::string user_name;  // once authenticated
  std::string claimed_user;
  Property property;  // of the user
  bool keyed = false;  // its client has shown that it has the keys
  // From step 7 on:
  RegisterType type = RegisterType::kNormal;
  Ipv4 private_address;
  Endpoint local;  // as the client sees itself
  std::string device_id;
  std::uint32_t control_id = 0;
  Time built;
  Time ages_at = Time::Never();  // until it is proven
  Trail trail;                   // what was said last

  template <typename State>
  void Fields(State& state);  // of a finished one; dvpn/tunnel_state.cc

  MapState state() const { return table::kServerRowNames[static_cast<std::size_t>(row)].state; }
  bool finished() const { return state() == MapState::kServerFinished; }
};

MapInfo InfoOf(const Map& map, const TunnelSettings& tunnel, int dvpn_id);  // its peer as it registered

class MapTable {
 public:
  Map& Add(std::unique_ptr<Map> map);  // its key, request and channel are set, and are no other's
  void Register(Map& map) { by_private_[map.private_address] = &map; }
  void Erase(Map& map);
  std::size_t size() const { return maps_.size(); }

  Map* Find(std::uint64_t key) const;
  Map* OfPrivate(Ipv4 address) const;
  Map* OfRequest(std::uint64_t digest) const;
  Map* OfChannel(std::uint64_t channel) const;
  std::vector<Map*> OfNonce(const wire::Nonce& nonce) const;
  std::vector<const Map*> all() const;  // registered ones by private address, then the unfinished

 private:
  std::unordered_map<std::uint64_t, std::unique_ptr<Map>> maps_;  // by key
  std::unordered_map<std::uint64_t, Map*> by_request_;            // by what step 3 was, and from where
  std::unordered_map<std::uint64_t, Map*> by_channel_;
  std::unordered_multimap<std::uint64_t, Map*> by_nonce_;  // the first eight bytes of it
  std::unordered_map<Ipv4, Map*> by_private_;
};

}  // namespace sw::dvpn
