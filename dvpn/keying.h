// The key schedule: what two ends know becomes the keys of a map, of a session's setup and of a session. Derivations
// are HKDF-SHA256 (RFC 5869); labels and inputs are listed in man/sw8800-dvpn.7. Values in, values out.
#pragma once

#include <span>

#include "dvpn/wire.h"
#include "hal/primitives.h"
#include "hal/suites.h"

namespace sw::dvpn {

// Whether a suite can protect control messages here: known, with a group, which this system can compute. Else why not.
Status CanProtect(int number);
// The suite, if it can; nullptr otherwise.
const hal::Suite* ControlSuite(int number);

// The names and the two directions of one channel.
struct ChannelKeys {
  std::uint64_t id = 0;
  hal::SealKeys forward, backward;  // forward: client, initiator or lower private address -> the other one
};

// SHA-256 over the parts, each with its length in front, so that no two lists of parts look alike.
hal::Sha256Digest Transcript(std::span<const ByteView> parts);

inline constexpr std::size_t kChapBytes = 17;  // one of identifier, the rest of challenge
struct MapSecrets {
  ChannelKeys channel;       // forward: client to server
  SecretBytes server_proof;  // key of the server-authentication response
  SecretBytes chap;          // identifier and challenge: of this exchange and no other
  SecretBytes session_base;  // from which the client-server session starts
};
// `pre_shared_key` is empty when the client did not ask the server to prove itself.
MapSecrets DeriveMap(const hal::Suite&, const SecretBytes& dh, ByteView pre_shared_key, ByteView client_nonce,
                     ByteView server_nonce, const hal::Sha256Digest& transcript);
Bytes ServerProof(const SecretBytes& key, const hal::Sha256Digest& transcript);

// The channel that SETUP messages travel on. forward: from the lower private address to the higher one.
ChannelKeys DeriveBase(const hal::Suite&, const SecretBytes& base);

struct SessionSecrets {
  ChannelKeys channel;                      // forward: from the end that sent the request
  SecretBytes data_forward, data_backward;  // ipsec::SaParams::keys
};
SessionSecrets DeriveSession(const hal::Suite&, std::size_t data_key_bytes, const SecretBytes& base,
                             const SecretBytes& dh, ByteView initiator_nonce, ByteView responder_nonce,
                             const hal::Sha256Digest& transcript);

// What only the two ends of one redirect and their server know. Pure function of its inputs, so that a redirect
// sent again carries the same secret and the server stores nothing per pair.
SecretBytes DerivePair(const SecretBytes& server_secret, std::uint64_t registration_a, std::uint64_t registration_b,
                       Ipv4 private_a, Ipv4 private_b, const wire::Terms& terms);

}  // namespace sw::dvpn
