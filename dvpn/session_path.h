// Where the peer of a session is, what the path to there carries, and what data-path workers are told of both.
#pragma once

#include <memory>

#include "dvpn/path_mtu.h"
#include "dvpn/session_keys.h"

namespace sw::dvpn {

class FastPeer;

class SessionPath {
 public:
  // `peer`: where it is until a setup says better.
  SessionPath(SessionContext& context, SessionKeys& keys, Endpoint peer)
      : context_(context), keys_(keys), peer_(peer) {}

  Endpoint peer() const { return peer_; }
  void Settle(Endpoint peer) { peer_ = peer; }  // proven by a setup
  void Follow(Endpoint peer);                   // it is elsewhere now, and the path another one
  void Rehome();                                // this end is elsewhere: the peer is to hear of it
  // Authenticated data came from `from`, not from where the peer was: asks there, at most once a second.
  void Ask(Endpoint from);

  // Whether this end still reaches the peer directly, after it moved. In doubt the engine sees all traffic of the
  // session: what is sent goes another way, what arrives ends the doubt.
  bool doubtful() const { return doubtful_; }
  void SetDoubtful(bool doubtful);

  // The largest inner packet that the path is known to refuse nothing of; 0: no narrow place is known.
  std::size_t inner_limit(bool clear) const;
  std::size_t mtu() const { return search_ == nullptr ? 0 : search_->found(); }  // of IP packets; 0: as wanted
  // A packet of `bytes` that is larger than any path must carry starts the search; true: the deadline is another one.
  bool Search(std::size_t bytes);
  bool Arrived(std::size_t datagram);  // a probe of this size; true: inner_limit() is another one now
  void OnTimer();
  Time deadline() const { return search_ == nullptr ? Time::Never() : search_->deadline(); }

  void Show();                   // after the current generation or the peer's address changed
  void Hide();                   // workers send no more
  void Learn(Ipv4 destination);  // workers may send there by this session

 private:
  void Probe();

  SessionContext& context_;
  SessionKeys& keys_;
  Endpoint peer_;
  bool doubtful_ = false;
  Time asked_;
  std::unique_ptr<PathMtu> search_;  // once there was a packet to search for
  std::shared_ptr<FastPeer> fast_;   // what data-path workers know of this; null: nothing yet
};

}  // namespace sw::dvpn
