// The one list of DVPN algorithm suites. Numbers and contents: MIB DvpnAlgorithmSuite (1-13). The MIB does not
// say how wide the AES key is; 128 bits is recollection of later releases, kept in this table only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sw::hal {

enum class Cipher : std::uint8_t { kNull, kDesCbc, k3DesCbc, kAesCbc };
enum class Integrity : std::uint8_t { kNone, kHmacMd5, kHmacSha1 };
enum class DhGroup : std::uint8_t { kNone = 0, kModp768 = 1, kModp1024 = 2 };  // numbers: RFC 2409 section 6

struct CipherInfo {
  std::string_view name;    // as `display` prints it
  std::size_t key_bytes;
  std::size_t block_bytes;  // 1 for the null cipher
  std::size_t iv_bytes;
};
struct IntegrityInfo {
  std::string_view name;
  std::size_t key_bytes;
  std::size_t tag_bytes;      // whole HMAC
  std::size_t icv_bytes;      // as ESP carries it: 96 bits (RFC 2403, RFC 2404)
};
const CipherInfo& Info(Cipher);
const IntegrityInfo& Info(Integrity);

struct Suite {
  int number;             // as configured and as the MIB counts
  std::string_view name;  // "DES-CBC/MD5/MODP768"
  Cipher cipher;
  Integrity integrity;
  DhGroup group;
  bool weak;              // said aloud in `display` and in the log
};

inline constexpr int kFirstSuite = 1, kNoneSuite = 13, kLastSuite = 13, kDefaultSuite = 1;

std::span<const Suite> Suites();        // ascending by number
const Suite* FindSuite(int number);     // nullptr: no such suite

}  // namespace sw::hal
