// Control-plane cryptography: hashes, MACs, key derivation, Diffie-Hellman and sealing of one message.
//
// Thin over OpenSSL (hal/soft/primitives.cc, dh.cc, seal.cc); no primitive is written by hand. Any thread; nothing
// blocks. Per-packet work does not come here but to hal/crypto_device.h. What fails only when memory is out ends the
// process: there is no safe way on without a key.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "hal/base/bytes.h"
#include "hal/base/random.h"
#include "hal/base/result.h"
#include "hal/base/secret.h"
#include "hal/suites.h"

namespace sw::hal {

// Whether everything below can be served; asked once at start. kDevice, naming what OpenSSL lacks (DES is in its
// legacy provider). Without that provider only Seal and Open of the DES suites refuse; the rest works.
Status CheckPrimitives();

// The operating system's generator through OpenSSL. Ends the process when there is no entropy.
class SystemRandom final : public Random {
 public:
  void Fill(ByteSpan out) override;
};

using Sha256Digest = std::array<std::uint8_t, 32>;
using Md5Digest = std::array<std::uint8_t, 16>;

Sha256Digest Sha256(ByteView data);
Sha256Digest HmacSha256(ByteView key, ByteView data);
Md5Digest Md5(ByteView data);  // CHAP (RFC 1994) only

// By number rather than by type, for protocols that negotiate the hash (IKE, RFC 2409 section 5 and appendix A).
enum class HashAlgorithm : std::uint8_t { kMd5, kSha1, kSha256 };
std::size_t HashBytes(HashAlgorithm);
Bytes Hash(HashAlgorithm, ByteView data);
SecretBytes Hmac(HashAlgorithm, ByteView key, ByteView data);

// A CBC cipher without padding, in place; `key` and `iv` are as Info(cipher) says, `data` whole blocks. False: sizes do
// not fit, or no such CBC cipher; then nothing is changed.
bool CbcEncrypt(Cipher cipher, ByteView key, ByteView iv, ByteSpan data);
bool CbcDecrypt(Cipher cipher, ByteView key, ByteView iv, ByteSpan data);

bool EqualConstantTime(ByteView a, ByteView b);

// HKDF with SHA-256 (RFC 5869). The info of the expansion is `label` followed by `context`; at most 8160 bytes.
SecretBytes HkdfExtract(ByteView salt, ByteView input);
SecretBytes HkdfExpand(const SecretBytes& prk, std::string_view label, ByteView context, std::size_t bytes);

// One ephemeral key: of a MODP group (RFC 2409 section 6, RFC 3526), with an exponent of 256 bits; of P-256, where
// values are x | y and what is agreed is x (RFC 5903); or of X25519 (RFC 7748). The private part comes from `random`.
class DhKey {
 public:
  static DhKey Generate(DhGroup group, Random& random);  // kNone and kHybrid: no value, agrees with nothing
  DhGroup group() const { return group_; }
  ByteView public_value() const { return public_; }  // exactly DhBytes(group)
  // Refuses (nullopt) a value of the wrong length, outside [2, p-2], not on the curve, or of small order.
  std::optional<SecretBytes> Agree(ByteView peer_public) const;

 private:
  DhKey(DhGroup group, SecretBytes exponent, Bytes public_value)
      : group_(group), private_(std::move(exponent)), public_(std::move(public_value)) {}
  DhGroup group_;
  SecretBytes private_;
  Bytes public_;
};
std::size_t DhBytes(DhGroup group);  // of a public value; 0 for none and for kHybrid

// Authenticated encryption of one control message with a suite's cipher and HMAC, encrypt-then-MAC:
//   sealed = IV | ciphertext (PKCS#7 padding) | whole HMAC over (aad | IV | ciphertext)
// or, with AES-GCM, a random nonce of 96 bits (NIST SP 800-38D section 8.2.2; the salt of the key is not used):
//   sealed = nonce | ciphertext | tag, which also covers the aad
// The aad's length must follow from its own bytes (a fixed layout): it is not part of the HMAC.
// Suite 13 protects nothing and is refused, as are keys of the wrong size and more than kMaxSealedBytes of plain text:
// Seal returns no bytes, Open nullopt.
inline constexpr std::size_t kMaxSealedBytes = 65535;
std::size_t SealedBytes(const Suite&, std::size_t plain_bytes);  // what Seal makes of so many
struct SealKeys {
  SecretBytes cipher;
  SecretBytes integrity;
};
std::size_t SealKeyBytes(const Suite&);                             // both keys together
SealKeys SplitSealKeys(const Suite&, const SecretBytes& material);  // empty keys when `material` is not SealKeyBytes
Bytes Seal(const Suite&, const SealKeys&, ByteView aad, ByteView plain, Random&);
std::optional<SecretBytes> Open(const Suite&, const SealKeys&, ByteView aad, ByteView sealed);  // nullopt: forged

}  // namespace sw::hal
