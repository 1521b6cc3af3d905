// Who is there: HASH_I and HASH_R, or signatures over them with certificates (RFC 2409 sections 5.1 and 5.4).
#pragma once

#include <optional>

#include "ipsec/ike/phase1_state.h"

namespace sw::ipsec::ike {

// Our proof, behind our identity where `with_id` says so. `tell_lifetime`: with our lifetime, if that is the smaller
// one. False: we cannot authenticate ourselves.
bool AddAuthentication(Shared& shared, const IsakmpSa& sa, Phase1State& state, ChainWriter& chain, bool with_id,
                       bool tell_lifetime = false);
void AddCertificateRequest(const Shared& shared, const IsakmpSa& sa, ChainWriter& chain);
// Where in the exchange the other end proves itself.
struct Proof {
  bool id_is_known = false;  // came with an earlier message: another one does not count
  bool names_peer = false;   // the identity may say that it is another of our peers
};
std::optional<Notification> Authenticate(Shared& shared, IsakmpSa& sa, Phase1State& state, const Payloads& payloads,
                                         Proof proof = {});

}  // namespace sw::ipsec::ike
