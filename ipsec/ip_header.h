// IPv4 headers as IPsec changes them: put in front, taken apart, told another protocol (RFC 4301 section 5, RFC 791).
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/base/bytes.h"
#include "hal/base/packet.h"
#include "hal/ports/ipv4.h"

namespace sw::ipsec {

inline constexpr std::uint8_t kProtocolIpip = 4, kProtocolEsp = 50, kProtocolAh = 51;
inline constexpr std::size_t kMaxIpv4Packet = 65535;

// The header at the start of `packet`, which is whole: another protocol, its length and checksum made right.
void SetProtocol(ByteSpan packet, std::uint8_t protocol);

// The header of a tunnel (RFC 4301 section 5.1.2.1): TOS and DF are the inner packet's, the TTL is new. False: no room.
bool PrependOuter(Packet& packet, const hal::Ipv4Header& inner, Ipv4 local, Ipv4 remote, std::uint8_t protocol,
                  std::uint16_t id);

// ICMP "fragmentation needed" (RFC 1191) about `packet` from `from` to its sender, as a packet of its own; null: one
// must not be sent about it (RFC 1122 section 3.2.2).
PacketPtr FragmentationNeeded(PacketPool& packets, const Packet& packet, Ipv4 from, std::size_t mtu);

}  // namespace sw::ipsec
