#include "hal/suites.h"

#include <array>

namespace sw::hal {
namespace {

constexpr std::array<CipherInfo, 8> kCiphers{{
    {"NULL", 0, 1, 0},
    {"DES-CBC", 8, 8, 8},
    {"3DES-CBC", 24, 8, 8},
    {"AES-CBC-128", 16, 16, 16},
    {"AES-CBC-192", 24, 16, 16},
    {"AES-CBC-256", 32, 16, 16},
    {"AES-GCM-128", 20, 1, 8, true},
    {"AES-GCM-256", 36, 1, 8, true},
}};
constexpr std::array<IntegrityInfo, 5> kIntegrity{{
    {"NONE", 0, 0, 0},
    {"HMAC-MD5", 16, 16, 12},
    {"HMAC-SHA1", 20, 20, 12},
    {"HMAC-SHA256", 32, 32, 16},
    {"AEAD", 0, 16, 16},
}};

using C = Cipher;
using I = Integrity;
using G = DhGroup;
// 768 bit groups, single DES and MD5 are breakable today; 1024 bit groups are no longer advised (RFC 8247).
constexpr std::array<Suite, kLastSuite> kSuites{{
    {1, "DES-CBC/MD5/MODP768", C::kDesCbc, I::kHmacMd5, G::kModp768, true},
    {2, "DES-CBC/MD5/MODP1024", C::kDesCbc, I::kHmacMd5, G::kModp1024, true},
    {3, "DES-CBC/SHA1/MODP768", C::kDesCbc, I::kHmacSha1, G::kModp768, true},
    {4, "DES-CBC/SHA1/MODP1024", C::kDesCbc, I::kHmacSha1, G::kModp1024, true},
    {5, "3DES-CBC/MD5/MODP768", C::k3DesCbc, I::kHmacMd5, G::kModp768, true},
    {6, "3DES-CBC/MD5/MODP1024", C::k3DesCbc, I::kHmacMd5, G::kModp1024, true},
    {7, "3DES-CBC/SHA1/MODP768", C::k3DesCbc, I::kHmacSha1, G::kModp768, true},
    {8, "3DES-CBC/SHA1/MODP1024", C::k3DesCbc, I::kHmacSha1, G::kModp1024, true},
    {9, "AES-CBC/MD5/MODP768", C::kAesCbc, I::kHmacMd5, G::kModp768, true},
    {10, "AES-CBC/MD5/MODP1024", C::kAesCbc, I::kHmacMd5, G::kModp1024, true},
    {11, "AES-CBC/SHA1/MODP768", C::kAesCbc, I::kHmacSha1, G::kModp768, true},
    {12, "AES-CBC/SHA1/MODP1024", C::kAesCbc, I::kHmacSha1, G::kModp1024, true},
    {13, "NONE", C::kNull, I::kNone, G::kNone, true},
    {14, "AES-GCM-128/SHA256/P-256", C::kAesGcm128, I::kAead, G::kEcp256, false},
    {15, "AES-GCM-128/SHA256/X25519", C::kAesGcm128, I::kAead, G::kX25519, false},
    {16, "AES-GCM-256/SHA256/P-256", C::kAesGcm256, I::kAead, G::kEcp256, false},
    {17, "AES-GCM-256/SHA256/X25519", C::kAesGcm256, I::kAead, G::kX25519, false},
    {18, "AES-GCM-256/SHA256/X25519MLKEM768", C::kAesGcm256, I::kAead, G::kHybrid, false},
}};

}  // namespace

const CipherInfo& Info(Cipher c) {
  return kCiphers[static_cast<std::size_t>(c)];
}
const IntegrityInfo& Info(Integrity i) {
  return kIntegrity[static_cast<std::size_t>(i)];
}
std::span<const Suite> Suites() {
  return kSuites;
}

const Suite* FindSuite(int number) {
  for (const Suite& s : kSuites)
    if (s.number == number) return &s;
  return nullptr;
}

}  // namespace sw::hal
