// The algorithms, and the one list of DVPN suites made of them. Numbers and contents of suites: MIB DvpnAlgorithmSuite
// (1-13); 14-18 are ours. The MIB does not say how wide the AES key is; 128 bits is recollection of later releases,
// kept in this table only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hal/base/suite_numbers.h"

namespace sw::hal {

enum class Cipher : std::uint8_t { kNull, kDesCbc, k3DesCbc, kAesCbc, kAesCbc192, kAesCbc256, kAesGcm128, kAesGcm256 };
// kAead: the tag of the cipher itself. It goes with AES-GCM, and nothing else does.
enum class Integrity : std::uint8_t { kNone, kHmacMd5, kHmacSha1, kHmacSha256, kAead };
// Numbers: RFC 2409 section 6, RFC 3526, RFC 5903, RFC 8031.
enum class DhGroup : std::uint8_t {
  kNone = 0,
  kModp768 = 1,
  kModp1024 = 2,
  kModp1536 = 5,
  kModp2048 = 14,
  kEcp256 = 19,
  kX25519 = 31,
  kHybrid = 255,  // X25519 and ML-KEM-768 together (hal/hybrid.h); the number is ours
};

struct CipherInfo {
  std::string_view name;    // as `display` prints it
  std::size_t key_bytes;    // AES-GCM: with the 4 bytes of salt behind it (RFC 4106 section 8.1)
  std::size_t block_bytes;  // 1: any length
  std::size_t iv_bytes;     // as ESP carries it
  bool aead = false;
};
struct IntegrityInfo {
  std::string_view name;
  std::size_t key_bytes;
  std::size_t tag_bytes;  // whole HMAC
  std::size_t icv_bytes;  // as ESP carries it (RFC 2403, RFC 2404, RFC 4868, RFC 4106)
};
const CipherInfo& Info(Cipher);
const IntegrityInfo& Info(Integrity);
inline bool Fit(Cipher cipher, Integrity integrity) {
  return Info(cipher).aead == (integrity == Integrity::kAead);
}

struct Suite {
  int number;             // as configured and as the MIB counts
  std::string_view name;  // "DES-CBC/MD5/MODP768"
  Cipher cipher;
  Integrity integrity;
  DhGroup group;
  bool weak;  // said aloud in `display` and in the log
};

std::span<const Suite> Suites();     // ascending by number
const Suite* FindSuite(int number);  // nullptr: no such suite

}  // namespace sw::hal
