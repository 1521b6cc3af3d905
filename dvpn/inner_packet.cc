#include "dvpn/inner_packet.h"

#include <fmt/format.h>

#include <algorithm>

#include "hal/ports/ipv4.h"

namespace sw::dvpn {
namespace {

constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;

void SetHeaderChecksum(ByteSpan packet, std::size_t header_bytes) {
  Store16(packet.data() + 10, 0);
  Store16(packet.data() + 10, hal::InternetChecksum(packet.first(header_bytes)));
}

// RFC 1624: the checksum at `at` after a 16 bit field went from `before` to `after`.
void AdjustChecksum(std::uint8_t* at, std::uint16_t before, std::uint16_t after) {
  std::uint32_t sum =
      std::uint32_t{static_cast<std::uint16_t>(~Load16(at))} + static_cast<std::uint16_t>(~before) + after;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  Store16(at, static_cast<std::uint16_t>(~sum));
}

// A later fragment carries only the options with the copy flag (RFC 791 section 3.1).
void KeepCopiedOptions(ByteSpan options) {
  for (std::size_t i = 0; i < options.size();) {
    const std::uint8_t kind = options[i];
    if (kind == 0) return;
    if (kind == 1) {
      ++i;
      continue;
    }
    const std::size_t length = i + 1 < options.size() ? options[i + 1] : 0;
    if (length < 2 || i + length > options.size()) return;
    if ((kind & 0x80) == 0) std::fill_n(options.begin() + static_cast<std::ptrdiff_t>(i), length, std::uint8_t{1});
    i += length;
  }
}

}  // namespace

std::optional<InnerHeader> ParseInner(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return std::nullopt;
  InnerHeader out;
  out.header_bytes = std::size_t{4} * (packet[0] & 0xf);
  out.total_bytes = Load16(packet.data() + 2);
  if (out.header_bytes < 20 || out.total_bytes < out.header_bytes || out.total_bytes > packet.size())
    return std::nullopt;
  if (hal::InternetChecksum(packet.first(out.header_bytes)) != 0) return std::nullopt;
  const std::uint16_t flags = Load16(packet.data() + 6);
  out.dont_fragment = (flags & 0x4000) != 0;
  out.more_fragments = (flags & 0x2000) != 0;
  out.fragment_offset = std::size_t{8} * (flags & 0x1fff);
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

bool IsTcpSyn(const InnerHeader& header, ByteView packet) {
  return header.protocol == kTcp && header.fragment_offset == 0 && header.total_bytes >= header.header_bytes + 20 &&
         (packet[header.header_bytes + 13] & 0x02) != 0;
}

bool ClampMss(const InnerHeader& header, ByteSpan packet, std::size_t mtu) {
  if (!IsTcpSyn(header, packet) || mtu <= 40) return false;
  const ByteSpan tcp = packet.subspan(header.header_bytes, header.total_bytes - header.header_bytes);
  const std::size_t data = std::size_t{4} * (tcp[12] >> 4);
  if (data < 20 || data > tcp.size()) return false;
  const auto most = static_cast<std::uint16_t>(std::min<std::size_t>(mtu - 40, 0xffff));
  for (std::size_t i = 20; i + 1 < data;) {
    if (tcp[i] == 0) return false;
    if (tcp[i] == 1) {
      ++i;
      continue;
    }
    const std::size_t length = tcp[i + 1];
    if (length < 2 || i + length > data) return false;
    if (tcp[i] == 2 && length == 4) {
      const std::uint16_t announced = Load16(&tcp[i + 2]);
      if (announced <= most) return false;
      Store16(&tcp[i + 2], most);
      // A field at an odd offset is summed with its bytes swapped.
      const auto swapped = [](std::uint16_t v) { return static_cast<std::uint16_t>(v << 8 | v >> 8); };
      const bool odd = i % 2 != 0;
      AdjustChecksum(&tcp[16], odd ? swapped(announced) : announced, odd ? swapped(most) : most);
      return true;
    }
    i += length;
  }
  return false;
}

std::vector<PacketPtr> Fragment(PacketPool& packets, const InnerHeader& header, ByteView packet, std::size_t mtu) {
  std::vector<PacketPtr> out;
  if (mtu < header.header_bytes + 8) return out;
  const std::size_t step = (mtu - header.header_bytes) / 8 * 8;
  const ByteView payload = packet.subspan(header.header_bytes, header.total_bytes - header.header_bytes);
  for (std::size_t at = 0; at < payload.size(); at += step) {
    const ByteView part = payload.subspan(at, std::min(step, payload.size() - at));
    PacketPtr piece = packets.Take();
    const ByteSpan bytes = piece->Append(header.header_bytes + part.size());
    if (bytes.empty()) return {};
    std::ranges::copy(packet.first(header.header_bytes), bytes.begin());
    std::ranges::copy(part, bytes.begin() + static_cast<std::ptrdiff_t>(header.header_bytes));
    const std::size_t offset = header.fragment_offset + at;
    const bool more = header.more_fragments || at + part.size() < payload.size();
    if (offset != 0) KeepCopiedOptions(bytes.subspan(20, header.header_bytes - 20));
    Store16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
    Store16(&bytes[6], static_cast<std::uint16_t>((more ? 0x2000 : 0) | offset / 8));
    SetHeaderChecksum(bytes, header.header_bytes);
    out.push_back(std::move(piece));
  }
  return out;
}

PacketPtr FragmentationNeeded(PacketPool& packets, const InnerHeader& header, ByteView packet, Ipv4 source,
                              std::size_t mtu) {
  const auto single = [](Ipv4 a) { return !a.multicast() && !a.empty() && a.value != 0xffffffff; };
  if (header.fragment_offset != 0 || !single(header.source) || !single(header.destination)) return {};
  if (header.protocol == kIcmp) {  // only about questions and answers, never about errors
    const std::uint8_t type = header.total_bytes > header.header_bytes ? packet[header.header_bytes] : 255;
    if (type != 0 && type != 8) return {};
  }
  const std::size_t quoted = std::min(header.total_bytes, header.header_bytes + 8);
  PacketPtr out = packets.Take();
  const ByteSpan bytes = out->Append(hal::kIpv4HeaderSize + hal::kIcmpHeaderSize + quoted);
  const ByteSpan message = bytes.subspan(hal::kIpv4HeaderSize);
  std::ranges::copy(packet.first(quoted), message.begin() + hal::kIcmpHeaderSize);
  hal::WriteIcmp(message, hal::IcmpType::kUnreachable,
                 static_cast<std::uint8_t>(hal::Unreachable::kFragmentationNeeded), 0, static_cast<std::uint16_t>(mtu));
  hal::Ipv4Header answer;
  answer.total_length = bytes.size();
  answer.protocol = kIcmp;
  answer.source = source;
  answer.destination = header.source;
  hal::WriteIpv4(bytes, answer);
  return out;
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
