// One SA's transform on OpenSSL: prepared once, applied to packet after packet in place.
#pragma once

#include <array>
#include <optional>

#include "hal/crypto_device.h"
#include "hal/shape.h"
#include "hal/soft/openssl.h"

namespace sw::hal {

inline constexpr std::size_t kSaltBytes = 4;  // of AES-GCM in ESP, RFC 4106 section 4

class Transform {
 public:
  // nullopt when OpenSSL refuses the keys. Key sizes are the caller's to check.
  static std::optional<Transform> Create(const SaSpec& spec);
  Verdict Apply(const CryptoOp& op);  // checks the shape too

 private:
  Transform(const SaSpec& spec) : direction_(spec.direction), cipher_(spec.cipher), integrity_(spec.integrity) {}
  bool Crypt(const CryptoOp& op);
  bool Tag(const CryptoOp& op, std::uint8_t* whole_hmac);
  Verdict ApplyAead(const CryptoOp& op);

  Direction direction_;
  Cipher cipher_;
  Integrity integrity_;
  std::array<std::uint8_t, kSaltBytes> salt_{};
  CipherContextPtr keyed_cipher_;
  MacContextPtr keyed_hmac_;
};

}  // namespace sw::hal
