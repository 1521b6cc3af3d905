// The key schedule of IKE version 1 (RFC 2409 section 5 and appendix B): SKEYID and what comes of it, authentication
// hashes, IVs, key material of quick mode. Pure functions of their arguments; keys are wiped when they go.
#pragma once

#include <cstdint>
#include <optional>

#include "hal/base/bytes.h"
#include "hal/base/secret.h"
#include "hal/primitives.h"
#include "hal/suites.h"
#include "ipsec/ike/wire.h"

namespace sw::ipsec::ike {

using hal::HashAlgorithm;

// What both ends know of a phase 1 exchange when its keys are due.
struct Phase1Inputs {
  HashAlgorithm hash = HashAlgorithm::kSha1;
  hal::Cipher cipher = hal::Cipher::kDesCbc;
  Cookies cookies;
  Bytes nonce_i, nonce_r;      // Ni_b, Nr_b
  Bytes public_i, public_r;    // g^xi, g^xr
  SecretBytes shared;          // g^xy
  SecretBytes pre_shared_key;  // empty: signatures
};

struct Phase1Keys {
  HashAlgorithm hash = HashAlgorithm::kSha1;
  hal::Cipher cipher = hal::Cipher::kDesCbc;
  SecretBytes skeyid, skeyid_d, skeyid_a, skeyid_e;
  SecretBytes key;  // of the cipher: skeyid_e, expanded where the cipher wants more (appendix B)
  Bytes first_iv;   // of phase 1
};
Phase1Keys DeriveKeys(const Phase1Inputs& inputs);
// SKEYID alone, for the HASH_R of a pre-shared key: it needs no g^xy. `key` stays empty.
Phase1Keys EarlyKeys(const Phase1Inputs& inputs);

enum class Role : std::uint8_t { kInitiator, kResponder };
// HASH_I or HASH_R: over the public values (the author's first), the cookies (likewise), the body of the initiator's
// SA payload and the body of the author's identity payload.
SecretBytes AuthenticationHash(const Phase1Keys& keys, const Phase1Inputs& inputs, Role author, ByteView sa_body,
                               ByteView id_body);

// The IV of a quick mode or informational exchange: `last_block` is the last cipher block of phase 1.
Bytes ExchangeIv(const Phase1Keys& keys, ByteView last_block, std::uint32_t message_id);

// One encrypted message body: pads with zeroes to whole blocks, encrypts in place, moves `iv` on to the last block.
void EncryptBody(const Phase1Keys& keys, Bytes& iv, Bytes& body);
// nullopt: not whole blocks. `iv` moves on to the last block of the cipher text.
std::optional<SecretBytes> DecryptBody(const Phase1Keys& keys, Bytes& iv, ByteView body);

// HASH(1), HASH(2), HASH(3) of quick mode and the hash of an informational exchange (RFC 2409 sections 5.5 and 5.7);
// `rest` is everything behind the hash payload.
SecretBytes Hash1(const Phase1Keys& keys, std::uint32_t message_id, ByteView rest);
SecretBytes Hash2(const Phase1Keys& keys, std::uint32_t message_id, ByteView nonce_i, ByteView rest);
SecretBytes Hash3(const Phase1Keys& keys, std::uint32_t message_id, ByteView nonce_i, ByteView nonce_r);

// KEYMAT of one SA; `shared` is that of PFS, or empty.
SecretBytes KeyMaterial(const Phase1Keys& keys, const SecretBytes& shared, Protocol protocol, ByteView spi,
                        ByteView nonce_i, ByteView nonce_r, std::size_t bytes);

}  // namespace sw::ipsec::ike
