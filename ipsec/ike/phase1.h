// An exchange that makes an ISAKMP SA: what main and aggressive mode have in common. Each has the steps as a state of
// its own and says how the message that it awaits comes.
#pragma once

#include <optional>
#include <vector>

#include "ipsec/ike/isakmp_sa.h"
#include "ipsec/ike/phase1_state.h"

namespace sw::ipsec::ike {

class Phase1Exchange {
 public:
  using Fault = std::optional<Notification>;

  Phase1Exchange(Shared& shared, IsakmpSa& sa) : shared_(shared), sa_(sa), state_(sa.role) {}
  virtual ~Phase1Exchange() = default;
  Phase1Exchange(const Phase1Exchange&) = delete;
  Phase1Exchange& operator=(const Phase1Exchange&) = delete;

  // The initiator's first message.
  virtual void Begin(const PeerSettings& peer, std::vector<Phase1Proposal> proposals) = 0;
  // The responder's first message, in answer to `payloads`. May end the SA.
  virtual void Answer(const Payloads& payloads, const PeerSettings& peer, const ChosenPhase1& chosen) = 0;
  void Receive(const Header& header, ByteView message, Endpoint local, Endpoint remote);  // may end the SA

  template <typename State>
  void Fields(State& state) {  // of one that is done: it answers repetitions
    state(out.message, heard_);
  }
  void SetHeard(const hal::Sha256Digest& digest) { heard_ = digest; }
  void SendAgain() { shared_.transport.Send(sa_, out.message); }
  bool proven() const { return proven_; }  // responder: the cookie came back
  // The other end may have sent its last message, which has not come.
  virtual bool peer_may_be_done() const { return false; }
  void Finish();  // the SA is ready: what is secret here goes

  Outstanding out;

 protected:
  // How the message that is awaited comes.
  enum class Form : std::uint8_t { kClear, kSealed, kEither };
  struct Awaited {
    Form form = Form::kClear;
    bool proves_sender = false;  // to a responder: from then on the other end is where it came from
  };
  virtual Awaited awaited() const = 0;
  virtual Fault Take(const Payloads& payloads) = 0;
  virtual bool BeforeOpening() { return true; }  // false: the keys cannot be agreed on

  void Send(const ChainWriter& chain, bool repeat) {
    shared_.transport.SendFirst(sa_, out, shared_.transport.Clear(sa_, chain), repeat);
  }
  void SendSealed(Exchange exchange, const ChainWriter& chain, bool repeat);
  void Proven() { proven_ = true; }

  Shared& shared_;
  IsakmpSa& sa_;
  Phase1State state_;

 private:
  std::optional<Opened> Open(const Header& header, ByteView message, Bytes& iv);
  Fault TakeFrom(const Payloads& payloads, Endpoint local, Endpoint remote);

  bool proven_ = false;
  hal::Sha256Digest heard_{};  // of the last message: the same again is a retransmission
};

}  // namespace sw::ipsec::ike
