// The IPv4, UDP and ICMP headers that the ports read and write (RFC 791, 768, 792, 1071, 1624).
//
// Parsing is strict: what is returned has been checked against the bytes that are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "hal/base/address.h"
#include "hal/base/bytes.h"

namespace sw::hal {

inline constexpr std::size_t kIpv4HeaderSize = 20;  // without options
inline constexpr std::size_t kUdpHeaderSize = 8;
inline constexpr std::size_t kIcmpHeaderSize = 8;
inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolUdp = 17;

struct Ipv4Header {
  std::size_t header_length = kIpv4HeaderSize;  // options included
  std::size_t total_length = 0;
  std::uint8_t tos = 0;
  std::uint16_t id = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  std::size_t fragment_offset = 0;  // bytes
  std::uint8_t ttl = 64;
  std::uint8_t protocol = 0;
  Ipv4 source, destination;

  bool fragment() const { return more_fragments || fragment_offset != 0; }
};

// nullopt: not version 4, lengths that contradict each other or exceed the bytes, or a wrong header checksum.
// Options are carried, never acted on.
std::optional<Ipv4Header> ParseIpv4(ByteView packet);
// Writes 20 bytes at the start of `packet`, checksum included.
void WriteIpv4(ByteSpan packet, const Ipv4Header& header);
// One hop: TTL less one, checksum updated in place (RFC 1624).
void DecrementTtl(ByteSpan packet);

// The Internet checksum over `bytes`; over bytes with a correct checksum in them it is 0.
std::uint16_t InternetChecksum(ByteView bytes, std::uint32_t sum = 0);
// Over pseudo-header and datagram; as RFC 768 wants it on the wire it is never 0.
std::uint16_t UdpChecksum(Ipv4 source, Ipv4 destination, ByteView datagram);

enum class IcmpType : std::uint8_t { kEchoReply = 0, kUnreachable = 3, kEchoRequest = 8, kTimeExceeded = 11 };
enum class Unreachable : std::uint8_t { kNetwork = 0, kHost = 1, kProtocol = 2, kPort = 3, kFragmentationNeeded = 4 };

// Fills type, code, the two halves of the rest and the checksum of the ICMP message in `message`.
void WriteIcmp(ByteSpan message, IcmpType type, std::uint8_t code, std::uint16_t first, std::uint16_t second);

// The payload of an echo request: `pattern` over and over; without one the bytes 1 to 9 (Router 3000 command
// reference).
void FillEcho(ByteSpan payload, std::string_view pattern);

// What came back for an echo request of ours: the reply, or an error that quotes the request; or an error that quotes a
// UDP datagram.
struct EchoResult {
  IcmpType type = IcmpType::kEchoReply;
  std::uint8_t code = 0;
  bool datagram = false;
  std::uint16_t id = 0, sequence = 0;  // of a datagram: its source port and destination port
  std::size_t size = 0;                // payload bytes of a reply; 0 for an error
  Ipv4 asked;                          // the destination that an error quotes; empty for a reply
};
// nullopt: a bad checksum, or a message that answers neither.
std::optional<EchoResult> ParseEchoResult(ByteView message);

}  // namespace sw::hal
