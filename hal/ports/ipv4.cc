#include "hal/ports/ipv4.h"

#include "hal/ports/checksum.h"

namespace sw::hal {
namespace {

constexpr std::uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000, kOffsetMask = 0x1fff;

std::uint32_t Sum(ByteView bytes, std::uint32_t sum) {
  return FoldChecksum(std::uint64_t{sum} + ChecksumOf(bytes));
}

}  // namespace

std::uint16_t InternetChecksum(ByteView bytes, std::uint32_t sum) {
  return static_cast<std::uint16_t>(~Sum(bytes, sum));
}

std::uint16_t UdpChecksum(Ipv4 source, Ipv4 destination, ByteView datagram) {
  std::uint8_t pseudo[12] = {};
  Store32(pseudo, source.value);
  Store32(pseudo + 4, destination.value);
  pseudo[9] = kProtocolUdp;
  Store16(pseudo + 10, static_cast<std::uint16_t>(datagram.size()));
  const std::uint16_t sum = InternetChecksum(datagram, Sum(pseudo, 0));
  return sum == 0 ? 0xffff : sum;
}

std::optional<Ipv4Header> ParseIpv4(ByteView packet) {
  if (packet.size() < kIpv4HeaderSize || packet[0] >> 4 != 4) return std::nullopt;
  Ipv4Header h;
  h.header_length = static_cast<std::size_t>(packet[0] & 0xf) * 4;
  h.total_length = Load16(&packet[2]);
  if (h.header_length < kIpv4HeaderSize || h.total_length < h.header_length || h.total_length > packet.size()) {
    return std::nullopt;
  }
  if (InternetChecksum(packet.first(h.header_length)) != 0) return std::nullopt;
  const std::uint16_t fragment = Load16(&packet[6]);
  h.tos = packet[1];
  h.id = Load16(&packet[4]);
  h.dont_fragment = (fragment & kDontFragment) != 0;
  h.more_fragments = (fragment & kMoreFragments) != 0;
  h.fragment_offset = static_cast<std::size_t>(fragment & kOffsetMask) * 8;
  h.ttl = packet[8];
  h.protocol = packet[9];
  h.source = Ipv4(Load32(&packet[12]));
  h.destination = Ipv4(Load32(&packet[16]));
  return h;
}

void WriteIpv4(ByteSpan packet, const Ipv4Header& h) {
  packet[0] = 0x45;
  packet[1] = h.tos;
  Store16(&packet[2], static_cast<std::uint16_t>(h.total_length));
  Store16(&packet[4], h.id);
  Store16(&packet[6], static_cast<std::uint16_t>((h.dont_fragment ? kDontFragment : 0) |
                                                 (h.more_fragments ? kMoreFragments : 0) | h.fragment_offset / 8));
  packet[8] = h.ttl;
  packet[9] = h.protocol;
  Store16(&packet[10], 0);
  Store32(&packet[12], h.source.value);
  Store32(&packet[16], h.destination.value);
  Store16(&packet[10], InternetChecksum(packet.first(kIpv4HeaderSize)));
}

void DecrementTtl(ByteSpan packet) {
  const std::uint16_t before = Load16(&packet[8]);
  --packet[8];
  const std::uint16_t after = Load16(&packet[8]);
  // RFC 1624 equation 3: HC' = ~(~HC + ~m + m').
  std::uint32_t sum = static_cast<std::uint16_t>(~Load16(&packet[10]));
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  Store16(&packet[10], static_cast<std::uint16_t>(~sum));
}

void WriteIcmp(ByteSpan message, IcmpType type, std::uint8_t code, std::uint16_t first, std::uint16_t second) {
  message[0] = static_cast<std::uint8_t>(type);
  message[1] = code;
  Store16(&message[2], 0);
  Store16(&message[4], first);
  Store16(&message[6], second);
  Store16(&message[2], InternetChecksum(message));
}

void FillEcho(ByteSpan payload, std::string_view pattern) {
  if (pattern.empty()) pattern = "\x01\x02\x03\x04\x05\x06\x07\x08\x09";
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(pattern[i % pattern.size()]);
}

std::optional<EchoResult> ParseEchoResult(ByteView message) {
  if (message.size() < kIcmpHeaderSize || InternetChecksum(message) != 0) return std::nullopt;
  EchoResult result;
  result.type = static_cast<IcmpType>(message[0]);
  result.code = message[1];
  ByteView echo = message;
  switch (result.type) {
    case IcmpType::kEchoReply:
      result.size = message.size() - kIcmpHeaderSize;
      break;
    case IcmpType::kUnreachable:
    case IcmpType::kTimeExceeded: {
      // The quoted packet is cut short by design (RFC 792: header and 8 bytes), so its lengths are not compared.
      const ByteView quoted = message.subspan(kIcmpHeaderSize);
      if (quoted.size() < kIpv4HeaderSize || quoted[0] >> 4 != 4) return std::nullopt;
      if (quoted[9] != kProtocolIcmp && quoted[9] != kProtocolUdp) return std::nullopt;
      const std::size_t header = static_cast<std::size_t>(quoted[0] & 0xf) * 4;
      if (header < kIpv4HeaderSize || quoted.size() < header + kIcmpHeaderSize) return std::nullopt;
      result.asked = Ipv4(Load32(&quoted[16]));
      echo = quoted.subspan(header);
      if (quoted[9] == kProtocolUdp) {
        result.datagram = true;
        result.id = Load16(&echo[0]);
        result.sequence = Load16(&echo[2]);
        return result;
      }
      if (echo[0] != static_cast<std::uint8_t>(IcmpType::kEchoRequest)) return std::nullopt;
      break;
    }
    default:
      return std::nullopt;
  }
  result.id = Load16(&echo[4]);
  result.sequence = Load16(&echo[6]);
  return result;
}

}  // namespace sw::hal
