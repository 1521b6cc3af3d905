// One session: setup, proof, keepalive, rekey, removal. The same machine for client-server and client-client, active
// and passive; what differs is in its SessionSpec.
//
// Keys come in generations. A request and its answer make a pending generation: both ends install their inbound SA
// before the other can know the keys. It becomes the current one, and traffic moves to it, only with proof that the
// path works: for the passive end a message sealed with the new keys (the active end can have them only if the answer
// arrived), for the active end the answer to such a message. First setup and rekey are the same in this; the
// session is proven while it has a current generation. An old generation receives for kLinger more.
//
// The machine never destroys itself: its owner asks phase() after every call.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvpn/constants.h"
#include "dvpn/core.h"
#include "dvpn/generation.h"
#include "dvpn/models.h"
#include "dvpn/path_mtu.h"

namespace sw::dvpn {

class FastPeer;
class Session;

// Who owns an incoming control channel or SA; and, by peer, the setup channel of the last session that is gone. One a
// peer is enough: a pair gets another secret when one of its maps is another, and never an earlier one again.
struct SessionIndex {
  std::unordered_map<std::uint64_t, Session*> by_channel;
  std::unordered_map<ipsec::SaId, Session*> by_sa;
  struct Remembered {
    std::uint64_t session = 0;  // key: later sessions have higher ones
    ControlChannel channel;
  };
  std::unordered_map<Ipv4, Remembered> remembered;
  std::deque<Ipv4> remembered_order;
};

struct SessionSpec {
  CommunicateType type = CommunicateType::kClientToClient;
  int dvpn_id = 0;
  Ipv4 local_private, peer_private;
  Endpoint local_public;
  std::vector<Endpoint> candidates;  // where the peer may be reached; setup tries all of them
  std::string peer_device_id, user_name;
  wire::Terms terms;
  SecretBytes base;           // what both ends know beforehand
  bool roams = true;          // the peer may move to another public endpoint
  std::uint64_t map_key = 0;  // servers: the map this session is coupled with
};

class Session {
 public:
  enum class Phase : std::uint8_t { kLive, kClosing, kGone };

  // Both suites of `spec.terms` are known, the session suite passes ControlSuite().
  Session(Core& core, SessionIndex& index, std::uint64_t key, SessionSpec spec);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::uint64_t key() const { return key_; }
  const SessionSpec& spec() const { return spec_; }
  std::uint64_t base_id() const { return base_.id(); }
  Phase phase() const { return phase_; }
  const std::string& reason() const { return reason_; }
  bool proven() const { return current_.has_value(); }
  // Proven, and the peer was heard since this end moved.
  bool usable() const { return proven() && !doubtful_; }
  bool TakeProven() { return std::exchange(newly_proven_, false); }  // since the last call
  Endpoint peer() const { return peer_; }
  ipsec::SaId outbound() const { return current_ ? current_->outbound : 0; }
  SessionInfo info() const;
  void AppendSas(Time now, std::vector<IpsecSaInfo>& out) const;

  void StartSetup();  // as the active side; sends the pending request again when there is one
  void Probe();       // opens the own NAT towards a peer that will send SETUP-REQ; again until one comes
  void UpdateCandidates(std::vector<Endpoint> candidates);
  // A message on one of this session's channels. What is not the session's own business comes back.
  std::optional<wire::Redirect> OnFrame(const wire::Frame& frame, Endpoint from);
  void OnTimer();
  Time Deadline() const;
  bool SendRedirect(const wire::Redirect& redirect);
  void Close(std::string why);  // tells the peer, then lingers
  void NoteSent(std::size_t bytes);
  void NoteClear(std::size_t bytes);  // received in clear
  // The public address of this end is another one: the peer is to hear of it. Where a NAT of the peer keeps the new
  // address out, the peer hears of it by the server's next redirect, and asks.
  void Rehome(Endpoint local);
  // Authenticated data came from `from`, not from where the peer was: asks there, and follows an answer.
  void Ask(Endpoint from);
  // The largest inner packet that the path is known to refuse nothing of; 0: no narrow place is known. A packet of
  // `bytes` that is larger than any path must carry starts the search; true: settle the session.
  std::size_t inner_limit(bool clear) const;
  bool SearchPath(std::size_t bytes);
  std::uint64_t channel() const { return current_ ? current_->channel.id() : 0; }
  void Absorb();                                         // what data-path workers did since the last time
  void Learn(Ipv4 destination);                          // data-path workers may send there by this session
  bool NoteReceived(ipsec::SaId sa, std::size_t bytes);  // true: it proved the path, settle the session

 private:
  static constexpr std::size_t kMostByWorkers = 65535;  // no limit of ours
  std::string PeerName() const { return spec_.peer_private.ToString(); }
  bool lower() const { return spec_.local_private < spec_.peer_private; }
  Duration keepalive() const { return std::chrono::seconds(spec_.terms.keepalive); }
  Duration Resend(int sends) const;
  ControlChannel* FindChannel(std::uint64_t id);
  void Request(wire::Type type);
  void SendRequest();
  void SendProof();
  void SendProbe();
  void OnRequest(const wire::Frame& frame, ControlChannel& channel, const wire::SetupReq& request, ByteView plain,
                 Endpoint from);
  void OnResponse(const wire::Frame& frame, const wire::SetupRsp& response, ByteView plain, Endpoint from);
  bool Install(const SecretBytes& dh, bool initiator, std::uint32_t inbound_spi, std::uint32_t outbound_spi,
               ByteView initiator_nonce, ByteView responder_nonce, const hal::Sha256Digest& transcript);
  void Promote();
  void ShowInbound(Generation& made);
  void ShowCurrent();
  void SetDoubtful(bool doubtful);  // whether this end still reaches the peer directly, after it moved
  void HideInbound(const Generation& gone);
  void HideAll();
  void Discard(std::optional<Generation>& generation);
  void DropPending();
  void SendKeepalive();
  void Transmit(Endpoint to, ByteView datagram, bool dont_fragment = false);
  void Follow(Endpoint peer);
  void NoteChange(std::string text);
  void ProbePath();
  Trail trail() const;
  Time KeepaliveDue() const;
  void End(std::string why);
  void SendRelease();

  Core& core_;
  SessionIndex& index_;
  const std::uint64_t key_;
  SessionSpec spec_;
  const hal::Suite& suite_;
  ControlChannel base_;
  const bool data_proves_;
  Endpoint peer_;

  Phase phase_ = Phase::kLive;
  std::string reason_;
  bool initiator_ = false, newly_proven_ = false, doubtful_ = false;
  std::optional<Generation> current_, retiring_;
  std::optional<Exchange> pending_;
  Time created_, built_, rekey_at_ = Time::Never(), retire_at_;
  Time last_received_, last_sent_, last_data_, last_keepalive_;
  int probes_ = 0;
  Time next_probe_ = Time::Never();
  int unanswered_ = 0;
  std::uint32_t keepalives_ = 0;
  int releases_ = 0;
  std::shared_ptr<FastPeer> fast_;  // what data-path workers know of this; null: nothing yet
  Time next_release_;
  std::unique_ptr<PathMtu> path_;  // once there was a packet to search for
  Time asked_;
  std::uint8_t sent_type_ = 0, heard_type_ = 0;
  Time sent_type_at_, heard_type_at_;
  std::uint64_t sent_packets_ = 0, sent_bytes_ = 0, received_packets_ = 0, received_bytes_ = 0;
};

}  // namespace sw::dvpn
