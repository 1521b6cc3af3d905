// The IPv4 packets a tunnel carries: strict look at the header, time to live, and words for the data trace.
#pragma once

#include <optional>
#include <string>

#include "hal/base/address.h"
#include "hal/base/packet.h"

namespace sw::dvpn {

struct InnerHeader {
  Ipv4 source, destination;
  std::uint8_t protocol = 0;
  std::size_t header_bytes = 0, total_bytes = 0;
};
// RFC 791: version 4, header length, total length and checksum right. Bytes behind the total length are the link's.
std::optional<InnerHeader> ParseInner(ByteView packet);

// One hop less, checksum adjusted (RFC 1624). False when the time to live runs out; the packet is then unchanged.
bool DecrementTtl(ByteSpan packet);

// "10.1.0.1 -> 10.2.0.1 icmp echo request, sequence 3"
std::string Describe(const InnerHeader& header, ByteView packet);

}  // namespace sw::dvpn
