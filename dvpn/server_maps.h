// The server's side of the eight steps: maps, from the first message with a good cookie to the registered client.
//
// Steps 1 and 2 keep nothing and compute one HMAC. Step 3 is answered only with a good cookie; unfinished maps are
// bounded in number, per source address and in age. A request that comes again byte for byte gets the same
// answer again; any other repetition changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/control_channel.h"
#include "dvpn/cookie.h"
#include "dvpn/core.h"
#include "dvpn/models.h"

namespace sw::dvpn {

// The part of a policy that a server issues.
wire::Terms TermsOf(const Policy& policy);

struct Map {
  std::uint64_t key = 0;
  std::uint64_t client_id = 0;
  Endpoint endpoint;          // where the registration came from
  std::uint64_t request = 0;  // digest of step 3
  MapState state = MapState::kServerKexInit;
  const hal::Suite* suite = nullptr;
  std::optional<ControlChannel> channel;
  SecretBytes session_base;
  AuthMethod method = AuthMethod::kNone;
  std::uint8_t chap_id = 0;
  Bytes challenge;
  bool waiting = false;  // for the authenticator
  Bytes last_request, last_answer;
  std::string user_name;  // once authenticated
  std::string claimed_user;
  // From step 7 on:
  RegisterType type = RegisterType::kNormal;
  Ipv4 private_address;
  Endpoint local;  // as the client sees itself
  std::string device_id;
  std::uint32_t control_id = 0;
  Time built;
  Time ages_at;  // until it is finished
  Trail trail;   // what was said last
};

class ServerMapsHost {
 public:
  virtual ~ServerMapsHost() = default;
  virtual bool HasLiveSession(const Map& map) const = 0;
  virtual Endpoint EndpointOf(const Map& map) const = 0;  // where its client is by now
  virtual void OnMapFinished(Map& map) = 0;               // before the client is told
  virtual void OnMapRemoved(Map& map, const std::string& why) = 0;
};

class ServerMaps {
 public:
  ServerMaps(Core& core, const ServerSettings& settings, ServerMapsHost& host);
  ~ServerMaps();

  void OnFrame(const wire::Frame& frame, Endpoint from);
  void OnTimer(std::uint64_t key);
  void TakeVerdicts();  // of an authenticator that answered meanwhile
  Map* Find(std::uint64_t key) const;
  Map* FindRegistered(Ipv4 private_address) const;
  std::vector<const Map*> all() const;  // registered ones by private address, then the unfinished
  MapInfo Info(const Map& map) const;   // its peer as it registered
  std::size_t half_open() const { return half_open_; }
  void ForgetAnswer(Map& map);  // the client has shown that it got the last one
  void Remove(Map& map, const std::string& why, std::optional<wire::Release> tell = std::nullopt);

 private:
  struct Verdicts;

  void OnAlgReq(const wire::Frame& frame, Endpoint from);
  void OnKexReq(const wire::Frame& frame, Endpoint from);
  void OnSealed(Map& map, const wire::Frame& frame, Endpoint from);
  void OnAuthReq(Map& map, wire::AuthReq request);
  void OnVerdict(Map& map, const Verdict& verdict);
  void OnRegReq(Map& map, const wire::RegReq& request);
  wire::Answer Admit(const Map& map, Ipv4 address) const;
  bool Accepts(int suite) const;
  void SendRefuse(std::uint64_t client_id, const wire::Nonce& nonce, wire::Answer answer, Endpoint to);
  void Answer(Map& map, Bytes datagram);
  void Heard(Map& map, wire::Type type);
  void FinishHalfOpen(Endpoint source);

  Core& core_;
  const ServerSettings& settings_;
  ServerMapsHost& host_;
  CookieJar cookies_;
  std::uint32_t last_control_id_ = 0;
  std::size_t half_open_ = 0;
  std::unordered_map<Ipv4, std::size_t> half_open_of_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Map>> maps_;  // by key
  std::unordered_map<std::uint64_t, Map*> by_request_;            // by what step 3 was, and from where
  std::unordered_map<std::uint64_t, Map*> by_channel_;
  std::unordered_map<Ipv4, Map*> by_private_;
  std::shared_ptr<Verdicts> verdicts_;
};

}  // namespace sw::dvpn
