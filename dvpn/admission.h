// Whether a client may have the private address that it asks for in step 7.
#pragma once

#include <optional>

#include "dvpn/address_owners.h"
#include "dvpn/core.h"
#include "dvpn/refusal.h"
#include "dvpn/server_map.h"

namespace sw::dvpn {

class ServerMapsHost {
 public:
  virtual ~ServerMapsHost() = default;
  virtual bool HasLiveSession(const Map& map) const = 0;
  virtual Endpoint EndpointOf(const Map& map) const = 0;  // where its client is by now
  virtual void OnMapFinished(Map& map) = 0;               // before the client is told
  virtual void OnMapRemoved(Map& map, const std::string& why) = 0;
};

class Admission {
 public:
  Admission(Core& core, const ServerSettings& settings, const ServerMapsHost& host, const MapTable& maps)
      : core_(core), settings_(settings), host_(host), maps_(maps) {}

  // Addresses belong to users: by configuration, else to the first who had one; the refusal names both. A user has so
  // many and no more.
  std::optional<Refusal> Judge(const Map& map, Ipv4 address) const;
  template <typename State>
  void Fields(State& state) {
    state(owners_);
  }
  void Take(const Map& map) { owners_.Take(map.private_address, map.user_name); }
  void Leave(const Map& map) {
    owners_.Leave(core_.now, settings_.address_hold, map.private_address, map.user_name, settings_.user_addresses);
  }

 private:
  std::optional<Refusal> JudgeProperty(const Map& map, Ipv4 address) const;
  std::optional<Refusal> JudgeOwner(const Map& map, Ipv4 address) const;

  Core& core_;
  const ServerSettings& settings_;
  const ServerMapsHost& host_;
  const MapTable& maps_;
  AddressOwners owners_;
};

}  // namespace sw::dvpn
