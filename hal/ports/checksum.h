// The Internet checksum (RFC 1071), a machine word at a time: it is the largest cost per byte after the cipher.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "hal/base/address.h"
#include "hal/base/bytes.h"

namespace sw::hal {

// Folds to 16 bits, the value as Load16 would read it.
inline std::uint16_t FoldChecksum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// The one's complement sum of the bytes as 16-bit words of the network's order, odd ends filled with zero; folded.
// Summing in the machine's order and swapping the result is the same (RFC 1071 section 2, B).
inline std::uint16_t ChecksumOf(ByteView bytes) {
  static_assert(std::endian::native == std::endian::little);
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  // Two 32-bit halves each in their own 64-bit sum: no carry is lost below 2^32 words.
  std::uint64_t low = 0, high = 0;
  for (; left >= 16; p += 16, left -= 16) {
    std::uint64_t a, b;
    std::memcpy(&a, p, 8);
    std::memcpy(&b, p + 8, 8);
    low += (a & 0xffffffff) + (b & 0xffffffff);
    high += (a >> 32) + (b >> 32);
  }
  for (; left >= 2; p += 2, left -= 2) {
    std::uint16_t word;
    std::memcpy(&word, p, 2);
    low += word;
  }
  if (left != 0) low += *p;
  const std::uint16_t sum = FoldChecksum((low & 0xffffffff) + (low >> 32) + (high & 0xffffffff) + (high >> 32));
  return static_cast<std::uint16_t>((sum >> 8) | (sum << 8));
}

// The pseudo-header of TCP and UDP over IPv4 (RFC 793 section 3.1, RFC 768), unfolded.
inline std::uint64_t PseudoHeaderSum(Ipv4 source, Ipv4 destination, std::uint8_t protocol, std::size_t length) {
  return (source.value >> 16) + (source.value & 0xffff) + std::uint64_t{destination.value >> 16} +
         (destination.value & 0xffff) + protocol + length;
}

}  // namespace sw::hal
