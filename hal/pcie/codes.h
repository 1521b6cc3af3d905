// How transforms are numbered on the card's side of the bus. These numbers are ABI: rows are added, never changed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hal/suites.h"

namespace sw::hal::pcie {

struct CipherCode {
  std::uint8_t code;
  Cipher cipher;
};
struct IntegrityCode {
  std::uint8_t code;
  Integrity integrity;
};
inline constexpr CipherCode kCipherTable[] = {{0, Cipher::kNull},      {1, Cipher::kDesCbc},    {2, Cipher::k3DesCbc},
                                              {3, Cipher::kAesCbc},    {4, Cipher::kAesCbc192}, {5, Cipher::kAesCbc256},
                                              {6, Cipher::kAesGcm128}, {7, Cipher::kAesGcm256}};
inline constexpr IntegrityCode kIntegrityTable[] = {{0, Integrity::kNone},
                                                    {1, Integrity::kHmacMd5},
                                                    {2, Integrity::kHmacSha1},
                                                    {3, Integrity::kHmacSha256},
                                                    {4, Integrity::kAead}};

constexpr std::optional<std::uint8_t> CodeOf(Cipher cipher) {
  for (const CipherCode& row : kCipherTable)
    if (row.cipher == cipher) return row.code;
  return std::nullopt;
}
constexpr std::optional<std::uint8_t> CodeOf(Integrity integrity) {
  for (const IntegrityCode& row : kIntegrityTable)
    if (row.integrity == integrity) return row.code;
  return std::nullopt;
}
constexpr std::optional<Cipher> CipherOf(std::uint8_t code) {
  for (const CipherCode& row : kCipherTable)
    if (row.code == code) return row.cipher;
  return std::nullopt;
}
constexpr std::optional<Integrity> IntegrityOf(std::uint8_t code) {
  for (const IntegrityCode& row : kIntegrityTable)
    if (row.code == code) return row.integrity;
  return std::nullopt;
}

}  // namespace sw::hal::pcie
