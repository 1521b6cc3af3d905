// GRE as it stands behind an IP header: RFC 2784 with the key and sequence number of RFC 2890. Pure; hostile bytes are
// normal input.
//
//   bits 0 C, 2 K, 3 S: checksum, key, sequence number are there; 1, 4, 5: a packet that has one of them set is
//   discarded (RFC 2784 section 2.3: they are RFC 1701's); 6 to 12 ignored; 13 to 15 version, 0
//   protocol type; then, each if it is there: checksum and two bytes that are ignored, key, sequence number
//
// A sequence number is read and not acted on, and never sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hal/base/bytes.h"

namespace sw::device {

inline constexpr std::uint8_t kProtocolGre = 47;   // of IP
inline constexpr std::uint16_t kGreIpv4 = 0x0800;  // protocol types: EtherTypes
inline constexpr std::uint16_t kGreKeepalive = 0;  // no payload: seen in devices that send keepalives
inline constexpr std::size_t kGreBaseSize = 4, kGreOptionSize = 4;

struct GreHeader {
  bool checksum = false;
  std::optional<std::uint32_t> key = {}, sequence = {};
  std::uint16_t protocol = kGreIpv4;

  std::size_t size() const {
    return kGreBaseSize +
           kGreOptionSize * (std::size_t{checksum} + std::size_t{key.has_value()} + std::size_t{sequence.has_value()});
  }
  friend bool operator==(const GreHeader&, const GreHeader&) = default;
};

enum class GreFault : std::uint8_t { kNone, kMalformed, kChecksum };
struct GreReading {
  GreFault fault = GreFault::kMalformed;
  GreHeader header;  // when there is no fault; the payload stands behind header.size() bytes
};
// `bytes`: header and payload, without the IP header. A checksum that is there is verified.
GreReading ReadGre(ByteView bytes);
// Writes header.size() bytes at the start of `bytes`; the checksum is over all of them, so the payload is there
// already.
void WriteGre(ByteSpan bytes, const GreHeader& header);

}  // namespace sw::device
