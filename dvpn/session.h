// One session: setup, proof, keepalive, rekey, removal. The same machine for client-server and client-client, active
// and passive; what differs is in its SessionSpec.
//
// Keys come in generations. A request and its answer make a pending generation: both ends install their inbound SA
// before the other can know the keys. It becomes the current one, and traffic moves to it, only with proof that the
// path works: for the passive end a message sealed with the new keys (the active end can have them only if the answer
// arrived), for the active end the answer to such a message. First setup and rekey are the same in this; the
// session is proven while it has a current generation. An old generation receives for kLinger more.
//
// Its parts own their state: keys (session_keys.h), the exchange that makes the next ones (session_exchange.h), where
// the peer is and what the path carries (session_path.h), what passed and who lives (session_traffic.h), and the end
// that the peer is told of (session_release.h).
//
// The machine never destroys itself: its owner asks phase() after every call.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dvpn/parts.h"
#include "dvpn/session_exchange.h"
#include "dvpn/session_path.h"
#include "dvpn/session_release.h"
#include "dvpn/session_traffic.h"

namespace sw::dvpn {

class Session {
 public:
  enum class Phase : std::uint8_t { kLive, kClosing, kGone };

  // Both suites of `spec.terms` are known, the session suite passes ControlSuite().
  Session(Core& core, SessionIndex& index, std::uint64_t key, SessionSpec spec);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  template <typename State>
  void Fields(State& state);  // without key and spec, which make it

  std::uint64_t key() const { return context_.key; }
  const SessionSpec& spec() const { return context_.spec; }
  std::uint64_t base_id() const { return keys_.base().id(); }
  Phase phase() const { return phase_; }
  const std::string& reason() const { return reason_; }
  bool proven() const { return keys_.current().has_value(); }
  // Proven, and the peer was heard since this end moved.
  bool usable() const { return proven() && !path_.doubtful(); }
  bool TakeProven() { return std::exchange(newly_proven_, false); }  // since the last call
  Endpoint peer() const { return path_.peer(); }
  ipsec::SaId outbound() const { return proven() ? keys_.current()->outbound : 0; }
  std::uint64_t channel() const { return proven() ? keys_.current()->channel.id() : 0; }
  SessionInfo info() const;
  void AppendSas(Time now, std::vector<IpsecSaInfo>& out) const { keys_.AppendSas(now, peer(), out); }

  void StartSetup();  // as the active side; sends the pending request again when there is one
  void Probe();       // opens the own NAT towards a peer that will send SETUP-REQ; again until one comes
  void UpdateCandidates(std::vector<Endpoint> candidates);
  // A message on one of this session's channels. What is not the session's own business comes back.
  std::optional<wire::Body> OnFrame(const wire::Frame& frame, Endpoint from);
  void OnTimer();
  Time Deadline() const;
  bool Tell(wire::Type type, Bytes plain);  // false: there are no keys yet
  void Close(std::string why);                                                       // tells the peer, then lingers
  bool NoteSent(std::size_t bytes) { return traffic_.Sent(context_.now(), bytes); }  // true: Deadline() is sooner
  void NoteClear(std::size_t bytes) { traffic_.Received(bytes); }                    // received in clear
  // True: it proved the path, settle the session.
  bool NoteReceived(ipsec::SaId sa, std::size_t bytes, Endpoint from);
  // The public address of this end is another one: the peer is to hear of it.
  void Rehome(Endpoint local);
  // Authenticated data came from `from`, not from where the peer is known to be: asks there, and follows an answer.
  void HeardFrom(Endpoint from, std::size_t bytes) { (void)path_.HeardFrom(from, bytes); }
  // The largest inner packet that the path is known to refuse nothing of; 0: no narrow place is known. A packet of
  // `bytes` that is larger than any path must carry starts the search; true: settle the session.
  std::size_t inner_limit(bool clear) const { return path_.inner_limit(clear); }
  bool SearchPath(std::size_t bytes) { return path_.Search(bytes); }
  void Absorb();  // what data-path workers did since the last time
  void LearnSource(Ipv4 source) { path_.LearnSource(source); }
  void Learn(Ipv4 destination) { path_.Learn(destination); }  // data-path workers may send there by this session

 private:
  struct Timer {
    Time at = Time::Never();
    std::string_view name;
  };
  using Timers = std::array<Timer, 6>;
  struct Message {
    wire::Frame frame;  // of parts: the one that completed the whole, with its type
    Endpoint from;
    SecretBytes plain;
    wire::Body body;
    bool newest;  // no message of the channel with a higher counter came before
    bool moved;   // it came while this end, which has moved, had not heard its peer where that is known to be
    bool asked;   // it was answered by a question whether the peer is there
  };
  ControlChannel* FindChannel(std::uint64_t id);
  std::variant<std::monostate, Message, Drop> Read(const wire::Frame& frame, ControlChannel& channel, Endpoint from);
  void HeardOf(Message& message);
  std::optional<wire::Body> Handle(ControlChannel& channel, Message message);
  void OnClosing(wire::Type type, ControlChannel& channel);
  void OnRelease(ControlChannel& channel, Endpoint from);
  void OnPathAck(const wire::PathSize& size);
  void Promote();
  void End(std::string why);
  void NoteChange(std::string text);
  Timers RunningTimers() const;
  Trail trail() const;
  Time KeepaliveDue() const { return traffic_.KeepaliveDue(keys_.active()); }
  Time IdleDue() const { return context_.with_server() ? Time::Never() : traffic_.last_data() + context_.idle(); }

  SessionContext context_;
  SessionKeys keys_;
  SessionPath path_;
  SetupExchange exchange_;
  SessionTraffic traffic_;
  SessionRelease release_;
  SealedParts parts_;
  const bool data_proves_;

  Phase phase_ = Phase::kLive;
  std::string reason_;
  bool newly_proven_ = false;
  Time built_;
};

}  // namespace sw::dvpn
