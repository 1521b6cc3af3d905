// Whether the other end of an ISAKMP SA is there: DPD on demand (RFC 3706, guide pages 146-147), keepalives and their
// timeout (guide page 418), NAT keepalives (RFC 3948 section 4).
#pragma once

#include "ipsec/ike/isakmp_sa.h"

namespace sw::ipsec::ike {

class Liveness {
 public:
  Liveness(Shared& shared, IsakmpSa& sa) : shared_(shared), sa_(sa) {}

  void Start();      // the SA is ready
  void Configure();  // intervals may have changed
  void Heard();      // an authenticated message, or protected traffic: no question is open any more
  void Alive();      // an authenticated message
  void Probe(const DpdSettings& dpd);
  bool Tick();  // false: the SA has ended

  template <typename State>
  void Fields(State& state) {
    state(dpd_sequence_, dpd_failures_, timeout_, dpd_due_, keepalive_send_, keepalive_watch_, nat_keepalive_);
  }
  bool probing() const { return dpd_due_ != Time::Never(); }
  bool timeout() const { return timeout_; }
  Time deadline() const;

 private:
  void AskDpd();
  bool TickDpd(Time now);
  bool TickKeepalive(Time now, bool newest);

  Shared& shared_;
  IsakmpSa& sa_;
  std::uint32_t dpd_sequence_ = 0;
  int dpd_failures_ = 0;
  bool timeout_ = false;
  Time dpd_due_ = Time::Never();
  Time keepalive_send_ = Time::Never(), keepalive_watch_ = Time::Never(), nat_keepalive_ = Time::Never();
};

}  // namespace sw::ipsec::ike
