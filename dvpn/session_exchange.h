// The exchange that makes the next generation of a session's keys, setup and rekey alike: request, answer, and proof
// that the path works. Before the first one it opens the own NAT for a peer that will send the request.
//
// The active end sends the request, the passive one answers it; both have the keys then, and the exchange runs until
// there is proof: for the passive end a message sealed with the new keys, for the active end the answer to such a one.
// Then the session takes the keys by Finish().
#pragma once

#include <optional>
#include <string_view>

#include "dvpn/key_agreement.h"
#include "dvpn/session_path.h"

namespace sw::dvpn {

class SetupExchange {
 public:
  SetupExchange(SessionContext& context, SessionKeys& keys, const SessionPath& path)
      : context_(context), keys_(keys), path_(path), created_(context.now()) {}
  ~SetupExchange() { Abandon(); }
  SetupExchange(const SetupExchange&) = delete;
  SetupExchange& operator=(const SetupExchange&) = delete;

  bool running() const { return pending_.has_value(); }
  bool active() const { return pending_ && pending_->active; }
  bool keyed() const { return pending_ && pending_->keys; }  // both halves are known, proof is not
  SessionState state() const {
    if (keys_.current() && !running()) return SessionState::kSetupSuccess;
    if (keys_.current()) return active() ? SessionState::kRekeyReq : SessionState::kRekeyRep;
    return active() ? SessionState::kSetupReq : SessionState::kSetupInit;
  }
  int sends() const { return pending_ ? pending_->sends : 0; }
  bool IsNew(ipsec::SaId inbound) const { return keyed() && pending_->keys->inbound == inbound; }
  ControlChannel* channel() { return keyed() ? &pending_->keys->channel : nullptr; }

  template <typename State>
  void Fields(State& state);                 // a request that has no answer yet is made anew
  void Setup();                              // a request as the active side, or the one that waits again
  void Rekey();                              // by the channel of the current generation
  void Probe();                              // opens the own NAT towards a peer that will send SETUP-REQ
  void OnProbe(Endpoint from, bool newest);  // the peer's NAT may have given it another port than the server saw
  // The request that was answered came again, byte for byte: so does the answer.
  bool AnswerAgain(const wire::Frame& frame, Endpoint from);
  void OnRequest(const wire::Frame& frame, ControlChannel& channel, const wire::SetupReq& request, ByteView plain,
                 Endpoint from);
  // A message sealed with the new keys came from `from`; true: the path that the session is to take is known by it. If
  // the same request came from several endpoints, the peer has to say from which of them it heard the answer.
  bool Proves(const wire::Body& body, wire::Type type, Endpoint from);
  // Both say why the session must end; empty: it goes on.
  std::string_view OnResponse(const wire::Frame& frame, const wire::SetupRsp& response, ByteView plain, Endpoint from);
  std::string_view OnTimer();
  Time deadline() const;
  std::string_view waits_for() const {
    return !active() ? "wait for the peer" : keyed() ? "proof of the path" : "setup interval";
  }

  struct Finished {
    Generation keys;
    bool active;
    Endpoint peer;
  };
  Finished Finish();  // there was proof

 private:
  struct Pending {
    Pending();
    bool active = false;
    wire::Type request_type = wire::Type::kSetupReq;
    std::optional<KeyRequest> key;  // active, until the answer came
    wire::Nonce nonce{};
    std::uint32_t spi = 0;
    Bytes request;                   // active: the plain body, for the transcript
    std::vector<Bytes> datagrams;    // active: the request, to send again
    Bytes answered;                  // passive: the datagram that completed the request
    Bytes answer;                    // passive: to send again
    std::optional<Generation> keys;  // once both halves are known
    Endpoint peer;                   // where a setup is answered from; a rekey goes where the session does
    bool several = false;            // passive: the answer went to more endpoints than `peer`
    std::uint32_t question = 0;      // which of them?
    int sends = 0;
    Time next_send;  // active
    Time expires;    // passive
  };

  Duration Resend(int sends) const;
  bool rekey() const { return pending_->request_type == wire::Type::kRekeyReq; }
  Endpoint to() const { return rekey() ? path_.peer() : pending_->peer; }
  void Request(wire::Type type, ControlChannel& channel);
  void SendRequest();
  void Transmit(Endpoint to) {
    for (const Bytes& datagram : pending_->datagrams) context_.Transmit(to, datagram);
  }
  void SendProof();
  void SendProbe();
  void Abandon();

  SessionContext& context_;
  SessionKeys& keys_;
  const SessionPath& path_;
  Time created_;
  std::optional<Pending> pending_;
  int probes_ = 0;
  Time next_probe_ = Time::Never();
};

}  // namespace sw::dvpn
