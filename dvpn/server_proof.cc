#include "dvpn/server_proof.h"

namespace sw::dvpn {

bool ProvesByPake(const hal::Suite& suite) {
  return suite.integrity == hal::Integrity::kAead;
}

hal::Cpace BeginProof(hal::CpaceRole role, const SecretBytes& pre_shared_key, const wire::Nonce& nonce,
                      const wire::Cookie& cookie, Random& random) {
  Bytes session;
  Writer w(session);
  w.Put(nonce);
  w.Put(cookie);
  hal::CpaceInputs inputs;
  inputs.secret = pre_shared_key.view();
  inputs.initiator = "sw8800 dvpn client";
  inputs.responder = "sw8800 dvpn server";
  inputs.session = session;
  return hal::Cpace::Begin(role, inputs, {}, random);
}

}  // namespace sw::dvpn
