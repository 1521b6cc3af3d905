// Hybrid key agreement: ML-KEM-768 (FIPS 203) and X25519 (RFC 7748) together, so that what is agreed stays secret while
// one of the two holds. One end generates, the other one answers; the value of each is sent as it is:
//   public  ML-KEM encapsulation key (1184) | X25519 (32)
//   answer  ML-KEM ciphertext (1088) | X25519 (32)
// that is the order of X25519MLKEM768 in TLS (draft-ietf-tls-ecdhe-mlkem). Any thread; nothing blocks.
#pragma once

#include <memory>
#include <optional>

#include "hal/primitives.h"

namespace sw::hal {

inline constexpr std::size_t kMlKemKeyBytes = 1184, kMlKemCiphertextBytes = 1088, kMlKemSecretBytes = 32;
inline constexpr std::size_t kHybridPublicBytes = kMlKemKeyBytes + 32, kHybridAnswerBytes = kMlKemCiphertextBytes + 32;

// Whether the OpenSSL that is loaded can do it: from 3.5 on. kUnsupported, with that reason in words.
Status HybridAvailable();

// Both secrets into one: HKDF-Extract over ML-KEM's, then X25519's, bound to the values that were sent.
SecretBytes CombineHybrid(const SecretBytes& ml_kem, const SecretBytes& x25519, ByteView public_value, ByteView answer);

class HybridKey {
 public:
  static Result<HybridKey> Generate(Random& random);  // fails as HybridAvailable() does

  ByteView public_value() const { return public_; }  // kHybridPublicBytes
  // nullopt: wrong length, or a value of small order. An altered ciphertext gives another secret (FIPS 203
  // section 6.3).
  std::optional<SecretBytes> Agree(ByteView answer) const;

 private:
  struct Kem;
  HybridKey(DhKey x25519, std::shared_ptr<const Kem> kem, Bytes public_value)
      : x25519_(std::move(x25519)), kem_(std::move(kem)), public_(std::move(public_value)) {}
  DhKey x25519_;
  std::shared_ptr<const Kem> kem_;  // immutable
  Bytes public_;
};

struct HybridAnswer {
  Bytes value;  // kHybridAnswerBytes
  SecretBytes secret;
};
// nullopt: not available, or a public value of the wrong length, with numbers out of range, or of small order.
std::optional<HybridAnswer> AnswerHybrid(ByteView public_value, Random& random);

}  // namespace sw::hal
