// The Internet checksum (RFC 1071), as wide as the processor allows: it is the largest cost per byte after the cipher.
#pragma once

#include <cstdint>

#include "hal/base/address.h"
#include "hal/base/bytes.h"

namespace sw::hal {

// Folds to 16 bits, the value as Load16 would read it.
inline std::uint16_t FoldChecksum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// The one's complement sum of the bytes as 16-bit words of the network's order, odd ends filled with zero; folded.
std::uint16_t ChecksumOf(ByteView bytes);

// The pseudo-header of TCP and UDP over IPv4 (RFC 793 section 3.1, RFC 768), unfolded.
inline std::uint64_t PseudoHeaderSum(Ipv4 source, Ipv4 destination, std::uint8_t protocol, std::size_t length) {
  return (source.value >> 16) + (source.value & 0xffff) + std::uint64_t{destination.value >> 16} +
         (destination.value & 0xffff) + protocol + length;
}

}  // namespace sw::hal
