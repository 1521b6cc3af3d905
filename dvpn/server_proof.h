// How a server proves that it has the client's pre-shared key. Suites of the MIB take the key into the map's keys as it
// is, so that one exchange gives a stranger something to try guesses against at leisure. Ours (AES-GCM) agree on a key
// by it with CPace, where one exchange tests one guess; that key goes into the map's keys in place of the other one,
// and the MAC of KEX-RSP confirms it.
//
// Or by a certificate, our extension: the server signs that MAC, which is of this exchange and no other, and the client
// judges the certificate as IKE does, by the authority of its PKI domain, and by the name in it.
#pragma once

#include "dvpn/settings.h"
#include "dvpn/wire.h"
#include "hal/base/result.h"
#include "hal/pake.h"
#include "hal/primitives.h"
#include "hal/suites.h"

namespace sw::dvpn {

// The pre-shared key of suite `suite` is proved by CPace.
bool ProvesByPake(const hal::Suite& suite);

ServerProofKind ProofOf(ServerMethod asked, bool by_pake);

// This end of it. `nonce` and `cookie` are those of KEX-REQ, which make the exchange one of its own.
hal::Cpace BeginProof(hal::CpaceRole role, const SecretBytes& pre_shared_key, const wire::Nonce& nonce,
                      const wire::Cookie& cookie, Random& random);

// What the server signs: its response, under a label that stands for nothing else.
hal::Sha256Digest ToSign(ByteView response);
// Whether the certificate and signature of `proof` are those of the client's server; else why not.
Status JudgeServer(const ClientSettings& settings, const wire::KexProof& proof, std::int64_t now);

}  // namespace sw::dvpn
