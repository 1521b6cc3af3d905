// How a server proves that it has the client's pre-shared key. Suites of the MIB take the key into the map's keys as it
// is, so that one exchange gives a stranger something to try guesses against at leisure. Ours (AES-GCM) agree on a key
// by it with CPace, where one exchange tests one guess; that key goes into the map's keys in place of the other one,
// and the MAC of KEX-RSP confirms it.
#pragma once

#include "dvpn/wire.h"
#include "hal/pake.h"
#include "hal/suites.h"

namespace sw::dvpn {

// The pre-shared key of suite `suite` is proved by CPace.
bool ProvesByPake(const hal::Suite& suite);

// This end of it. `nonce` and `cookie` are those of KEX-REQ, which make the exchange one of its own.
hal::Cpace BeginProof(hal::CpaceRole role, const SecretBytes& pre_shared_key, const wire::Nonce& nonce,
                      const wire::Cookie& cookie, Random& random);

}  // namespace sw::dvpn
