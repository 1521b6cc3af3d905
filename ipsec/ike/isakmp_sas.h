// The table of ISAKMP SAs: by connection, by cookies, by peer, by deadline; what is half open; and of each peer what
// outlasts an SA.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ipsec/ike/isakmp_sa.h"

namespace sw::ipsec::ike {

using PeerKey = std::pair<std::string, Ipv4>;  // configured name and the other end's address

// A pair of IPsec SAs that quick mode agreed on.
struct Child {
  std::uint32_t connection = 0;
  bool stay_alive = false;
  Spis own, theirs;
  Time expires = Time::Never();
  Ipv4 local;
  std::string remote_id;  // who asked for it: several may share a peer's name and, behind a NAT, its address
};

// What is known of a peer while it has or had an SA.
struct PeerState {
  std::vector<std::uint32_t> ready;  // connections, oldest first
  std::vector<Child> children;       // oldest first; at most kMaxChildren
  Time heard;
  Ipv4 local;
};

class IsakmpSas {
 public:
  std::uint32_t NewConnection() { return ++last_connection_; }
  IsakmpSa& Make(Shared& shared, Role role, const Cookies& cookies, Endpoint local, Endpoint remote, Time now);
  void Index(const IsakmpSa& sa);  // the other end's cookie is known now
  void Erase(IsakmpSa& sa);        // gone afterwards

  IsakmpSa* Find(std::uint32_t connection) const;
  IsakmpSa* Find(const Cookies& cookies, Ipv4 remote) const;
  IsakmpSa* Newest(const PeerKey& key) const;      // the ready SA to use
  IsakmpSa* Connecting(const PeerKey& key) const;  // our exchange under way
  void SetConnecting(const PeerKey& key, const IsakmpSa& sa) { connecting_[key] = sa.connection; }
  void EndConnecting(const IsakmpSa& sa);
  const std::map<std::uint32_t, std::unique_ptr<IsakmpSa>>& all() const { return all_; }  // by connection

  template <typename State>
  void Fields(State& state, Shared& shared);  // those that are ready, into an empty table; engine_state.cc
  std::map<PeerKey, PeerState>& peers() { return peers_; }
  const std::map<PeerKey, PeerState>& peers() const { return peers_; }
  PeerState* FindPeer(const PeerKey& key);

  // After anything that changes when an SA has to act next.
  void Rearm(IsakmpSa& sa);
  Time deadline() const { return deadlines_.empty() ? Time::Never() : deadlines_.begin()->first; }
  IsakmpSa* PopDue(Time now);  // null: nothing is due

  void LeaveHalfOpen(const IsakmpSa& sa);  // of a responder: proven, or ended
  std::size_t half_open() const { return half_open_count_; }
  std::vector<std::uint32_t> HalfOpenOf(Ipv4 remote) const;  // oldest first
  IsakmpSa* OldestUnproven() const;

 private:
  std::map<std::uint32_t, std::unique_ptr<IsakmpSa>> all_;
  // By cookies; where the responder's is not known yet, also by the other end's address.
  std::map<std::pair<Cookies, Ipv4>, std::uint32_t> by_cookies_;
  std::set<std::pair<Time, std::uint32_t>> deadlines_;
  std::map<PeerKey, PeerState> peers_;
  std::map<PeerKey, std::uint32_t> connecting_;
  std::map<Ipv4, std::vector<std::uint32_t>> half_open_;  // responder's, oldest first
  std::size_t half_open_count_ = 0;
  std::uint32_t last_connection_ = 0;
};

}  // namespace sw::ipsec::ike
