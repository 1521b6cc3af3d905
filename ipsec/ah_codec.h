// Where the bytes of an AH packet lie (RFC 4302 section 2), in place, and what its ICV does not cover. No keys, no
// state.
//
//   | IP header | next header 1 | length 1 | 0 2 | SPI 4 | sequence 4 | ICV | payload |
// The ICV covers all of it with the fields zeroed that change on the way (section 3.3.3.1) and the ICV itself. While
// the engine works on a packet, a copy of its header as it was stands in front of it, and room for the ICV behind it:
//   | header as it was | header, fields zeroed | AH, ICV zeroed | payload | ICV |
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hal/base/packet.h"
#include "hal/crypto_device.h"
#include "ipsec/drop.h"

namespace sw::ipsec {

inline constexpr std::size_t kAhFixedBytes = 12;

struct AhHeader {
  std::uint8_t next_header;
  std::uint32_t spi, sequence;
};
// Of a packet that starts with an IPv4 header; nullopt: no AH, a fragment, or lengths that contradict each other.
std::optional<AhHeader> ReadAh(const Packet& packet);

// Puts AH behind the IPv4 header and gets the packet ready for sealing. False, and nothing changed: no IPv4 packet, a
// fragment, or no room.
bool WrapAh(Packet& packet, std::size_t icv_bytes, std::uint32_t spi, std::uint32_t sequence);
void FinishAh(Packet& packet, std::size_t icv_bytes);  // after sealing

// Gets a packet that ReadAh took ready for opening: kNone, kTruncated (an ICV of another size) or kNoRoom.
Drop PrepareAh(Packet& packet, std::size_t icv_bytes);
// After opening: the packet without AH, its IP header as it came but for protocol, length and checksum. Returns the
// next header.
std::uint8_t UnwrapAh(Packet& packet, std::size_t icv_bytes);

// The engine's work on a packet that is ready; sa and context are left for the caller.
hal::CryptoOp AhOp(Packet& packet, std::size_t icv_bytes);

}  // namespace sw::ipsec
