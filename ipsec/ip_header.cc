#include "ipsec/ip_header.h"

#include <algorithm>

namespace sw::ipsec {
namespace {

constexpr std::uint8_t kTtl = 255;
constexpr std::size_t kQuote = 8;  // payload bytes an ICMP error quotes (RFC 792)

}  // namespace

void SetProtocol(ByteSpan packet, std::uint8_t protocol) {
  const std::size_t header = std::size_t{4} * (packet[0] & 0xf);
  packet[9] = protocol;
  Store16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  Store16(&packet[10], 0);
  Store16(&packet[10], hal::InternetChecksum(packet.first(header)));
}

bool PrependOuter(Packet& packet, const hal::Ipv4Header& inner, Ipv4 local, Ipv4 remote, std::uint8_t protocol,
                  std::uint16_t id) {
  const std::size_t total = packet.size() + hal::kIpv4HeaderSize;
  if (total > kMaxIpv4Packet) return false;
  const ByteSpan front = packet.Prepend(hal::kIpv4HeaderSize);
  if (front.empty()) return false;
  hal::Ipv4Header outer;
  outer.total_length = total;
  outer.tos = inner.tos;
  outer.id = id;
  outer.dont_fragment = inner.dont_fragment;
  outer.ttl = kTtl;
  outer.protocol = protocol;
  outer.source = local;
  outer.destination = remote;
  hal::WriteIpv4(front, outer);
  return true;
}

PacketPtr FragmentationNeeded(PacketPool& packets, const Packet& packet, Ipv4 from, std::size_t mtu) {
  const auto about = hal::ParseIpv4(packet.data());
  if (!about || about->fragment_offset != 0 || about->source.empty() || about->source.multicast()) return nullptr;
  const ByteView payload = packet.data().subspan(about->header_length);
  const auto echo = [&payload](hal::IcmpType type) { return payload[0] == static_cast<std::uint8_t>(type); };
  if (about->protocol == hal::kProtocolIcmp &&
      (payload.empty() || (!echo(hal::IcmpType::kEchoRequest) && !echo(hal::IcmpType::kEchoReply)))) {
    return nullptr;
  }
  const ByteView quoted = packet.data().first(about->header_length + std::min(kQuote, payload.size()));
  PacketPtr error = packets.Take();
  const ByteSpan all = error->Append(hal::kIpv4HeaderSize + hal::kIcmpHeaderSize + quoted.size());
  std::copy(quoted.begin(), quoted.end(), all.begin() + hal::kIpv4HeaderSize + hal::kIcmpHeaderSize);
  hal::WriteIcmp(all.subspan(hal::kIpv4HeaderSize), hal::IcmpType::kUnreachable,
                 static_cast<std::uint8_t>(hal::Unreachable::kFragmentationNeeded), 0, static_cast<std::uint16_t>(mtu));
  hal::Ipv4Header header;
  header.total_length = all.size();
  header.ttl = kTtl;
  header.protocol = hal::kProtocolIcmp;
  header.source = from;
  header.destination = about->source;
  hal::WriteIpv4(all, header);
  return error;
}

}  // namespace sw::ipsec
