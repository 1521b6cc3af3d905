// The client's side of the eight steps (guide page 207): one map, its states, its timers.
//
// Any failure ends the attempt and leaves nothing behind but the reason. Then the timers rule: the next attempt after
// register-interval, so many times as register-retry says, then silence for register-dumb, then all over again. Who
// lost a map comes back at a random moment within the interval. Only a sealed message or the attempt's time limit ends
// an attempt; what is not authenticated is remembered as the likely reason and reported when the time is up.
#pragma once

#include <optional>
#include <string>

#include "dvpn/control_channel.h"
#include "dvpn/core.h"
#include "dvpn/models.h"

namespace sw::dvpn {

class Registration {
 public:
  Registration(Core& core, const ClientSettings& settings);

  void Begin();                             // a fresh start: first attempt now, retries counted anew
  void Reset(std::string why, bool again);  // back to INIT with everything freed; `again`: register after the interval
  void Stop();                              // INIT, and stays there
  void OnFrame(const wire::Frame& frame, Endpoint from);
  void OnTimer();

  MapState state() const { return state_; }
  bool TakeRegistered() { return std::exchange(newly_registered_, false); }
  std::optional<wire::Release> TakeReleased() { return std::exchange(released_, std::nullopt); }  // by the server
  // While registered:
  const wire::RegRsp& answer() const { return answer_; }
  Ipv4 server_private() const { return answer_.server_private; }
  const SecretBytes& session_base() const { return session_base_; }
  void SendRelease();
  MapInfo info() const;
  Endpoint server() const { return server_; }

 private:
  void BeginAttempt();
  void SendStep(wire::Type type, Bytes datagram, MapState state);
  void Heard(wire::Type type);
  void Resend();
  void Fail(std::string why);
  void Clear();
  std::string TimeoutReason() const;
  void OnAlgRsp(const wire::Frame& frame, const wire::AlgRsp& m);
  void OnKexRsp(const wire::Frame& frame, const wire::KexRsp& m);
  void OnSealed(const wire::Frame& frame);
  void SendAuthentication(const wire::KexProof& proof);
  void SendInformation();
  void OnAuthRsp(const wire::AuthRsp& m);
  void OnRegRsp(wire::RegRsp m);
  std::string Peer() const { return server_.ToString(); }

  Core& core_;
  const ClientSettings& settings_;
  const Endpoint server_;
  const std::uint64_t timer_;

  MapState state_ = MapState::kClientInit;
  int attempts_ = 0;  // since Begin() or the last dumb time
  std::uint64_t client_id_ = 0;
  wire::AlgReq offer_;
  Bytes alg_req_, alg_rsp_, kex_req_;  // whole bodies, for the transcript
  std::optional<hal::DhKey> dh_;
  std::optional<ControlChannel> channel_;
  SecretBytes session_base_;
  wire::RegRsp answer_;
  Bytes last_;  // the datagram that waits for its answer
  std::size_t sends_ = 0;
  Time next_send_ = Time::Never(), attempt_ends_ = Time::Never(), next_attempt_ = Time::Never();
  std::string likely_, last_error_, user_name_;
  Time built_;
  Trail trail_;
  bool silent_ = false;  // the dumb time runs
  bool newly_registered_ = false;
  std::optional<wire::Release> released_;
};

}  // namespace sw::dvpn
