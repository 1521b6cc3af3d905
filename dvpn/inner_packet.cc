#include "dvpn/inner_packet.h"

#include <fmt/format.h>

namespace sw::dvpn {
namespace {

constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;

std::uint32_t Sum16(ByteView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += Load16(bytes.data() + i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

}  // namespace

std::optional<InnerHeader> ParseInner(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return std::nullopt;
  InnerHeader out;
  out.header_bytes = std::size_t{4} * (packet[0] & 0xf);
  out.total_bytes = Load16(packet.data() + 2);
  if (out.header_bytes < 20 || out.total_bytes < out.header_bytes || out.total_bytes > packet.size())
    return std::nullopt;
  if (Sum16(packet.first(out.header_bytes)) != 0xffff) return std::nullopt;
  out.protocol = packet[9];
  out.source = Ipv4(Load32(packet.data() + 12));
  out.destination = Ipv4(Load32(packet.data() + 16));
  return out;
}

bool DecrementTtl(ByteSpan packet) {
  if (packet[8] <= 1) return false;
  --packet[8];
  std::uint32_t sum = std::uint32_t{Load16(packet.data() + 10)} + 0x0100;
  sum = (sum & 0xffff) + (sum >> 16);
  Store16(packet.data() + 10, static_cast<std::uint16_t>(sum));
  return true;
}

std::string Describe(const InnerHeader& header, ByteView packet) {
  std::string out = header.source.ToString() + " -> " + header.destination.ToString();
  const bool first_fragment = (Load16(packet.data() + 6) & 0x1fff) == 0;
  const ByteView payload = packet.subspan(header.header_bytes, header.total_bytes - header.header_bytes);
  switch (header.protocol) {
    case kIcmp:
      if (!first_fragment || payload.size() < 8) return out + " icmp";
      if (payload[0] == 8) return out + fmt::format(" icmp echo request, sequence {}", Load16(payload.data() + 6));
      if (payload[0] == 0) return out + fmt::format(" icmp echo reply, sequence {}", Load16(payload.data() + 6));
      return out + fmt::format(" icmp type {} code {}", payload[0], payload[1]);
    case kTcp:
    case kUdp: {
      const std::string_view name = header.protocol == kTcp ? " tcp" : " udp";
      if (!first_fragment || payload.size() < 4) return out + std::string(name);
      return out + fmt::format("{} {} -> {}", name, Load16(payload.data()), Load16(payload.data() + 2));
    }
    default:
      return out + fmt::format(" protocol {}", header.protocol);
  }
}

}  // namespace sw::dvpn
