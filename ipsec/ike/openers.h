// First messages of others: what fits no peer leaves no trace, what does is bounded (ipsec/ike/engine.h says by what).
#pragma once

#include "ipsec/ike/phase1.h"
#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {

class Openers {
 public:
  explicit Openers(Shared& shared) : shared_(shared) {}
  void Receive(const Header& header, ByteView message, Endpoint local, Endpoint remote);

 private:
  // A first message, and where it came in and from.
  struct Opener {
    const Header& header;
    ByteView message;
    Endpoint local, remote;
    Payloads payloads;
  };
  const PeerSettings* ForWhom(const Opener& opener, const Identity* id, ChosenPhase1& chosen);
  void Admit(const Opener& opener, const PeerSettings& peer, const ChosenPhase1& chosen);
  void Main(const Opener& opener);
  void Aggressive(const Opener& opener);
  bool InRation();
  bool Room(Ipv4 remote);
  bool Evict(IsakmpSa* unproven);
  void Refuse(const Opener& opener, Notification why);

  Shared& shared_;
  Time ration_from_;  // RSA in aggressive mode
  int ration_ = 0;
};

}  // namespace sw::ipsec::ike
