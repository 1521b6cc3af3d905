// The IPv4 packets a tunnel carries: strict look at the header, time to live, size, and words for the data trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/packet.h"

namespace sw::dvpn {

struct InnerHeader {
  Ipv4 source, destination;
  std::uint8_t protocol = 0;
  std::size_t header_bytes = 0, total_bytes = 0;
  bool dont_fragment = false, more_fragments = false;
  std::size_t fragment_offset = 0;  // bytes
};
// RFC 791: version 4, header length, total length and checksum right. Bytes behind the total length are the link's.
std::optional<InnerHeader> ParseInner(ByteView packet);

// One hop less, checksum adjusted (RFC 1624). False when the time to live runs out; the packet is then unchanged.
bool DecrementTtl(ByteSpan packet);

bool IsTcpSyn(const InnerHeader& header, ByteView packet);
// Lowers the maximum segment size that a TCP SYN announces so that segments fit into `mtu`; true when it did.
bool ClampMss(const InnerHeader& header, ByteSpan packet, std::size_t mtu);

// RFC 791 fragments of at most `mtu` bytes; options that are not to be copied become no-ops. Empty when `mtu` has no
// room for eight bytes of payload or the pool's packets are too small.
std::vector<PacketPtr> Fragment(PacketPool& packets, const InnerHeader& header, ByteView packet, std::size_t mtu);

// ICMP "fragmentation needed and DF set" (RFC 1191) about `packet`, from `source`. Null where none may be sent: about
// an ICMP error, a later fragment, or a packet whose source or destination is no single host (RFC 1122 3.2.2).
PacketPtr FragmentationNeeded(PacketPool& packets, const InnerHeader& header, ByteView packet, Ipv4 source,
                              std::size_t mtu);

// "10.1.0.1 -> 10.2.0.1 icmp echo request, sequence 3"
std::string Describe(const InnerHeader& header, ByteView packet);

}  // namespace sw::dvpn
