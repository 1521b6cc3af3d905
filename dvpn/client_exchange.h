// What one attempt to register knows: identifier, nonce, the messages so far, the key of Diffie-Hellman, then the
// channel. It makes the client's messages and judges the server's; states and timers are dvpn/registration.h.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "dvpn/control_channel.h"
#include "dvpn/core.h"
#include "dvpn/key_agreement.h"
#include "dvpn/parts.h"
#include "dvpn/refusal.h"
#include "dvpn/server_proof.h"

namespace sw::dvpn {

// What a message of the server leads to: the next one to send, or an end.
using Reply = std::variant<Bytes, Refusal, Doubt>;

class ClientExchange {
 public:
  ClientExchange(Core& core, const ClientSettings& settings) : core_(core), settings_(settings) {}

  void Clear();   // wipes everything
  Bytes Offer();  // begins: a fresh identifier and nonce; ALG-REQ
  // ALG-REQ as the version before this one has it, to see whether the server speaks that. Its counter, which meant
  // nothing then, names our version to a server of our own.
  Bytes OldOffer() const;
  Reply OnAlgRsp(const wire::Frame& frame);
  Reply OnKexRsp(const wire::Frame& frame);
  Reply OnAuthRsp(const wire::AuthRsp& m);
  std::optional<Refusal> OnRegRsp(const wire::RegRsp& m) const;  // nullopt: this client can live with it
  bool authenticates() const { return !user_name_.empty(); }     // what follows step 4
  ServerProofKind proved() const { return proved_; }
  const std::string& user_name() const { return user_name_; }

  bool Mine(const wire::Frame& frame) const;  // its header names this exchange
  // The body of a message that counts: sealed with our keys, or REFUSE with our nonce. Empty where a step judges it.
  using Read = std::variant<std::optional<wire::Body>, Drop>;
  Read Open(const wire::Frame& frame);
  // KEX-RSP whose two parts are here, as a datagram; empty: the other one is missing.
  std::variant<Bytes, Drop> TakePart(const wire::Frame& frame, Endpoint from);
  void Send(Endpoint to, ByteView message) { SendWhole(core_, to, message, offer_.nonce); }
  bool keyed() const { return channel_.has_value(); }
  Bytes Sealed(wire::Type type, ByteView plain);
  // What tells the server that the client gives up: sealed where there are keys, else with its nonce.
  Bytes GiveUp(wire::Answer answer);
  const SecretBytes& session_base() const { return session_base_; }
  template <typename State>
  void Fields(State& state);  // of one that led to a map; dvpn/tunnel_state.cc

 private:
  Bytes Inform();  // REG-REQ
  Reply Authenticate(const wire::KexProof& proof, const SecretBytes& chap);
  std::string Peer() const { return Endpoint{settings_.server_public, settings_.server_port}.ToString(); }

  Core& core_;
  const ClientSettings& settings_;
  std::uint64_t id_ = 0;
  wire::AlgReq offer_;
  Bytes alg_req_, alg_rsp_, kex_req_;  // whole bodies, for the transcript
  std::optional<KeyRequest> key_;
  std::optional<hal::Cpace> proof_;  // of the pre-shared key, where the suite proves it so
  Pieces pieces_;                    // of KEX-RSP
  std::optional<ControlChannel> channel_;
  ServerProofKind proved_ = ServerProofKind::kNone;
  SecretBytes session_base_;
  std::string user_name_;
};

}  // namespace sw::dvpn
