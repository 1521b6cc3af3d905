#include "ipsec/ah_codec.h"

#include <algorithm>

#include "hal/ports/ipv4.h"
#include "ipsec/ip_header.h"

namespace sw::ipsec {
namespace {

// Options whose value does not change on the way (RFC 4302 appendix A1): security, extended and commercial security,
// router alert, selective directed broadcast. All others are zeroed.
bool Immutable(std::uint8_t option) {
  constexpr std::uint8_t kSecurity = 130, kExtendedSecurity = 133, kCommercialSecurity = 134, kRouterAlert = 148,
                         kDirectedBroadcast = 149;
  return option == kSecurity || option == kExtendedSecurity || option == kCommercialSecurity ||
         option == kRouterAlert || option == kDirectedBroadcast;
}

// Options that contradict their own lengths count as one unknown option: zeroed to the end.
void ZeroOptions(ByteSpan options) {
  constexpr std::uint8_t kEnd = 0, kNop = 1;
  for (std::size_t at = 0; at < options.size();) {
    if (options[at] == kEnd || options[at] == kNop) {
      ++at;
      continue;
    }
    const std::size_t left = options.size() - at;
    std::size_t length = left < 2 ? left : options[at + 1];
    if (length < 2 || length > left) length = left;
    if (!Immutable(options[at]))
      std::fill_n(options.begin() + static_cast<std::ptrdiff_t>(at), length, std::uint8_t{0});
    at += length;
  }
}

void ZeroMutable(ByteSpan header) {
  header[1] = 0;            // TOS
  Store16(&header[6], 0);   // flags and fragment offset
  header[8] = 0;            // TTL
  Store16(&header[10], 0);  // checksum
  ZeroOptions(header.subspan(hal::kIpv4HeaderSize));
}

std::size_t HeaderLength(ByteView packet) {
  return std::size_t{4} * (packet[0] & 0xf);
}

// Copies the header in front of the packet, zeroes what changes and appends room for the ICV; both rooms are there.
void MakeReady(Packet& packet, std::size_t header, std::size_t icv_bytes) {
  const ByteSpan kept = packet.Prepend(header);
  const ByteSpan live = packet.data().subspan(header, header);
  std::copy(live.begin(), live.end(), kept.begin());
  ZeroMutable(live);
  const ByteSpan tail = packet.Append(icv_bytes);
  const ByteSpan icv = packet.data().subspan(2 * header + kAhFixedBytes, icv_bytes);
  std::copy(icv.begin(), icv.end(), tail.begin());
  std::ranges::fill(icv, std::uint8_t{0});
}

}  // namespace

std::optional<AhHeader> ReadAh(const Packet& packet) {
  const auto header = hal::ParseIpv4(packet.data());
  if (!header || header->protocol != kProtocolAh || header->fragment() || header->total_length != packet.size() ||
      packet.size() < header->header_length + kAhFixedBytes) {
    return std::nullopt;
  }
  const std::uint8_t* ah = packet.data().data() + header->header_length;
  return AhHeader{ah[0], Load32(ah + 4), Load32(ah + 8)};
}

bool WrapAh(Packet& packet, std::size_t icv_bytes, std::uint32_t spi, std::uint32_t sequence) {
  const auto header = hal::ParseIpv4(packet.data());
  const std::size_t ah_bytes = kAhFixedBytes + icv_bytes;
  if (!header || header->fragment() || header->total_length != packet.size() ||
      packet.size() + ah_bytes > kMaxIpv4Packet || packet.headroom() < ah_bytes + header->header_length ||
      packet.tailroom() < icv_bytes) {
    return false;
  }
  packet.Prepend(ah_bytes);
  const ByteSpan all = packet.data();
  const auto moved = all.subspan(ah_bytes, header->header_length);
  std::copy(moved.begin(), moved.end(), all.begin());
  std::uint8_t* ah = all.data() + header->header_length;
  ah[0] = header->protocol;
  ah[1] = static_cast<std::uint8_t>(ah_bytes / 4 - 2);
  Store16(ah + 2, 0);
  Store32(ah + 4, spi);
  Store32(ah + 8, sequence);
  std::fill_n(ah + kAhFixedBytes, icv_bytes, std::uint8_t{0});
  SetProtocol(all, kProtocolAh);
  MakeReady(packet, header->header_length, icv_bytes);
  return true;
}

// The other way: the ICV at the end goes into its place, the header gets back what it was.
void FinishAh(Packet& packet, std::size_t icv_bytes) {
  const std::size_t header = HeaderLength(packet.data());
  const ByteSpan all = packet.data();
  const ByteSpan tail = all.last(icv_bytes);
  std::copy(tail.begin(), tail.end(), all.begin() + static_cast<std::ptrdiff_t>(2 * header + kAhFixedBytes));
  std::copy_n(all.begin(), header, all.begin() + static_cast<std::ptrdiff_t>(header));
  packet.TrimBack(icv_bytes);
  packet.TrimFront(header);
}

Drop PrepareAh(Packet& packet, std::size_t icv_bytes) {
  const std::size_t header = HeaderLength(packet.data());
  const std::size_t ah_bytes = kAhFixedBytes + icv_bytes;
  if (packet.size() < header + ah_bytes) return Drop::kTruncated;
  if (std::size_t{4} * (packet.data()[header + 1] + std::size_t{2}) != ah_bytes) return Drop::kTruncated;
  if (packet.headroom() < header || packet.tailroom() < icv_bytes) return Drop::kNoRoom;
  MakeReady(packet, header, icv_bytes);
  return Drop::kNone;
}

std::uint8_t UnwrapAh(Packet& packet, std::size_t icv_bytes) {
  FinishAh(packet, icv_bytes);
  const std::size_t header = HeaderLength(packet.data());
  const std::size_t ah_bytes = kAhFixedBytes + icv_bytes;
  const std::uint8_t next_header = packet.data()[header];
  const ByteSpan all = packet.data();
  std::copy_backward(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(header),
                     all.begin() + static_cast<std::ptrdiff_t>(header + ah_bytes));
  packet.TrimFront(ah_bytes);
  SetProtocol(packet.data(), next_header);
  return next_header;
}

hal::CryptoOp AhOp(Packet& packet, std::size_t icv_bytes) {
  hal::CryptoOp op;
  const auto size = static_cast<std::uint32_t>(packet.size());
  const auto icv = static_cast<std::uint32_t>(icv_bytes);
  op.data = packet.data().data();
  op.size = size;
  op.auth_offset = static_cast<std::uint32_t>(HeaderLength(packet.data()));
  op.auth_length = size - icv - op.auth_offset;
  op.icv_offset = size - icv;
  op.iv_offset = op.cipher_offset = op.icv_offset;  // no cipher: empty ranges
  return op;
}

}  // namespace sw::ipsec
