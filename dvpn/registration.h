// The client's side of the eight steps (guide page 207): one map, its states, its timers. It walks the client's table
// of dvpn/registration_table.h.
//
// Any error ends the attempt at once and leaves nothing behind but the reason. Then the timers rule: the next attempt
// after register-interval, so many times as register-retry says, then silence for register-dumb, then all over again.
// What is not authenticated ends an attempt only with the attempt's own nonce, which only who saw the request can
// have; an answer that does not verify ends it when no good one follows within kDoubt. Nothing unauthenticated ends
// a map. Who lost a map comes back at a moment of its own within the interval; who lost its server asks at
// short intervals, at its own moment of each.
#pragma once

#include <optional>
#include <string>

#include "dvpn/client_exchange.h"
#include "dvpn/models.h"
#include "dvpn/registration_table.h"
#include "dvpn/terms.h"

namespace sw::dvpn {

// When a client that lost its map registers again.
enum class ComeBack : std::uint8_t { kNever, kWithinInterval, kAtOnce };

class Registration {
 public:
  Registration(Core& core, const ClientSettings& settings);

  void Begin();                                // a fresh start: first attempt now, retries counted anew
  void Reset(std::string why, ComeBack when);  // back to INIT with everything freed
  void OnFrame(const wire::Frame& frame, Endpoint from);
  void OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from);
  void OnTimer();
  // The system could not send: its words. They are the reason when nothing better comes.
  void OnSendFailed(std::string words);
  void OnChange();  // of configuration, link or route: a client that waits has reason to try again now

  MapState state() const { return table::kClientRowNames[static_cast<std::size_t>(row_)].state; }
  bool TakeRegistered() { return std::exchange(newly_registered_, false); }
  std::optional<wire::Release> TakeReleased() { return std::exchange(released_, std::nullopt); }  // by the server
  // While registered:
  const wire::RegRsp& answer() const { return answer_; }
  Ipv4 server_private() const { return answer_.server_private; }
  ServerProofKind proved() const { return exchange_.proved(); }
  const SecretBytes& session_base() const { return exchange_.session_base(); }
  void SendRelease();
  MapInfo info() const;
  // A map that stands; what is under way begins again. dvpn/tunnel_state.cc.
  template <typename State>
  void Fields(State& state);
  Endpoint server() const { return server_; }

 private:
  struct Heard {
    const wire::Frame& frame;
    std::optional<wire::Body> body;  // of a sealed message and of REFUSE
  };
  void OnPart(const wire::Frame& frame, Endpoint from);
  void Feed(table::ClientInput input, const Heard* heard = nullptr);
  std::optional<table::Outcome> Act(table::ClientAction action, const Heard* heard);  // nullopt: a bad answer
  std::optional<table::Outcome> Take(Reply reply);
  table::Outcome Refuse(Refusal refusal);
  table::Outcome GiveUp();
  void Offer();
  void Doubtful(Doubt doubt);
  table::ClientInput WrongAnswer();
  void Built();
  void Send(Bytes datagram);
  void Repeat();
  void Fail();
  void Wait(Duration wait);
  void Clear();
  void Arm();
  std::string Peer() const { return server_.ToString(); }
  bool persistent() const { return core_.now < persistent_until_; }

  Core& core_;
  const ClientSettings& settings_;
  const Endpoint server_;
  const std::uint64_t timer_;
  ClientExchange exchange_;

  table::ClientRow row_ = table::ClientRow::kInit;
  int attempts_ = 0;  // since Begin() or the last dumb time
  Refusal refusal_;   // why the attempt ends, for whoever acts on it
  std::optional<Doubt> doubt_;
  wire::RegRsp answer_;
  Bytes last_;  // the datagram that waits for its answer
  std::size_t sends_ = 0;
  int wrong_proofs_ = 0;
  Time next_send_ = Time::Never(), attempt_ends_ = Time::Never(), next_attempt_ = Time::Never();
  Time doubt_ends_ = Time::Never();
  Time persistent_until_;  // the server went away: until then step 1 is sent at short intervals
  std::string last_error_, send_error_;
  Time built_;
  Trail trail_;
  WeaknessLog weak_;
  bool silent_ = false;  // the dumb time runs
  bool newly_registered_ = false;
  std::optional<wire::Release> released_;
};

}  // namespace sw::dvpn
