// Where the peer of a session is, what the path to there carries, and what data-path workers are told of both.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dvpn/path_mtu.h"
#include "dvpn/session_keys.h"

namespace sw::dvpn {

class FastPeer;

class SessionPath {
 public:
  // `peer`: where it is until a setup says better.
  SessionPath(SessionContext& context, SessionKeys& keys, Endpoint peer)
      : context_(context), keys_(keys), peer_(peer) {}

  template <typename State>
  void Fields(State& state);  // after those of the keys; questions that are open are asked again

  Endpoint peer() const { return peer_; }
  void Settle(Endpoint peer);  // proven by a setup
  void Rehome();               // this end is elsewhere: the peer is to hear of it

  // Anybody on the way can send a genuine message again from another address, so a source address proves nothing. What
  // comes from elsewhere makes a claim: the peer is asked there, by no more bytes than came from there and at most once
  // a second. Until it answers from there, everything else goes where the peer was.
  bool HeardFrom(Endpoint claimed, std::size_t bytes);  // true: asked
  void AskAt(Endpoint claimed);                         // on the word of the server
  // An answer to the keepalive `number`; true: it was a question to `from`, where the peer is from now on.
  bool Answered(Endpoint from, std::uint32_t number);

  // Whether this end still reaches the peer directly, after it moved. In doubt the engine sees all traffic of the
  // session: what is sent goes another way, what arrives ends the doubt.
  bool doubtful() const { return doubtful_; }
  void SetDoubtful(bool doubtful);
  // In doubt: every other time it is called.
  bool TurnToAsk() { return doubtful_ && ++turns_ % 2 == 0; }

  // The largest inner packet that the path is known to refuse nothing of; 0: no narrow place is known.
  std::size_t inner_limit(bool clear) const;
  std::size_t mtu() const { return search_ == nullptr ? 0 : search_->found(); }  // of IP packets; 0: as wanted
  // A packet of `bytes` that is larger than any path must carry starts the search; true: the deadline is another one.
  bool Search(std::size_t bytes);
  bool Arrived(std::size_t datagram);  // a probe of this size; true: inner_limit() is another one now
  void OnTimer();
  Time deadline() const { return search_ == nullptr ? Time::Never() : search_->deadline(); }

  void Show();                    // after the current generation or the peer's address changed
  void Hide();                    // workers send no more
  void LearnSource(Ipv4 source);  // workers may take what comes from there by this session
  void Learn(Ipv4 destination);   // workers may send there by this session

 private:
  struct Claim {
    Endpoint from;
    std::size_t credit = 0;  // bytes that came from there and were not sent there
    Time ask_at;
    std::array<std::uint32_t, 4> questions{};  // numbers of the last ones; 0: none
    std::size_t asked = 0;
  };

  Claim& ClaimOf(Endpoint from);
  void Ask(Claim& claim, ByteView question);
  void Probe();

  SessionContext& context_;
  SessionKeys& keys_;
  Endpoint peer_;
  bool doubtful_ = false;
  unsigned turns_ = 0;
  std::vector<Claim> claims_;        // bounded, the oldest first
  std::unique_ptr<PathMtu> search_;  // once there was a packet to search for
  std::shared_ptr<FastPeer> fast_;   // what data-path workers know of this; null: nothing yet
};

}  // namespace sw::dvpn
