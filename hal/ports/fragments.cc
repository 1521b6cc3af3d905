#include "hal/ports/fragments.h"

#include <algorithm>

namespace sw::hal {

namespace {

constexpr std::size_t kMaxPayload = Packet::kRoom - Packet::kHeadroom - kIpv4HeaderSize;

}  // namespace

std::vector<PacketPtr> Fragment(PacketPool& packets, const Packet& packet, std::size_t mtu) {
  std::vector<PacketPtr> out;
  const auto header = ParseIpv4(packet.data());
  if (!header || mtu < kIpv4HeaderSize + 8) return out;
  const ByteView payload = packet.data().subspan(header->header_length, header->total_length - header->header_length);
  const std::size_t piece = (mtu - kIpv4HeaderSize) / 8 * 8;
  for (std::size_t at = 0; at < payload.size(); at += piece) {
    const ByteView bytes = payload.subspan(at, std::min(piece, payload.size() - at));
    Ipv4Header h = *header;
    h.header_length = kIpv4HeaderSize;
    h.total_length = kIpv4HeaderSize + bytes.size();
    h.fragment_offset = header->fragment_offset + at;
    h.more_fragments = header->more_fragments || at + bytes.size() < payload.size();
    PacketPtr p = packets.Take();
    WriteIpv4(p->Append(kIpv4HeaderSize), h);
    std::copy(bytes.begin(), bytes.end(), p->Append(bytes.size()).begin());
    out.push_back(std::move(p));
  }
  return out;
}

PacketPtr Reassembly::Add(Time now, const Ipv4Header& header, const Packet& fragment) {
  open_.remove_if([now](const Datagram& d) { return d.expires <= now; });
  const ByteView bytes = fragment.data().subspan(header.header_length, header.total_length - header.header_length);
  const std::size_t begin = header.fragment_offset, end = begin + bytes.size();
  if (bytes.empty() || end > kMaxPayload || (header.more_fragments && bytes.size() % 8 != 0)) return nullptr;

  auto d = std::find_if(open_.begin(), open_.end(), [&header](const Datagram& o) {
    return o.source == header.source && o.destination == header.destination && o.id == header.id &&
           o.protocol == header.protocol;
  });
  if (d == open_.end()) {
    if (open_.size() >= kMaxDatagrams) open_.pop_front();
    open_.push_back(
        {header.source, header.destination, header.id, header.protocol, now + kLifetime, header, {}, {}, 0});
    d = std::prev(open_.end());
  }
  const auto next = d->pieces.lower_bound(begin);
  if (next != d->pieces.end() && next->first == begin && next->second == end) return nullptr;  // the same once more
  const bool overlaps =
      (next != d->pieces.end() && next->first < end) || (next != d->pieces.begin() && std::prev(next)->second > begin);
  const std::size_t last = d->pieces.empty() ? 0 : d->pieces.rbegin()->second;
  const bool contradicts = header.more_fragments ? d->total != 0 && end > d->total : d->total != 0 || last > end;
  if (overlaps || contradicts) {
    open_.erase(d);
    return nullptr;
  }
  if (!header.more_fragments) d->total = end;
  if (d->payload.size() < end) d->payload.resize(end);
  std::copy(bytes.begin(), bytes.end(), d->payload.begin() + static_cast<std::ptrdiff_t>(begin));
  d->pieces.emplace(begin, end);

  std::size_t covered = 0;
  for (const auto& [from, to] : d->pieces) {
    if (from != covered) return nullptr;
    covered = to;
  }
  if (d->total == 0 || covered != d->total) return nullptr;
  Ipv4Header whole = d->header;
  whole.header_length = kIpv4HeaderSize;
  whole.total_length = kIpv4HeaderSize + d->total;
  whole.more_fragments = false;
  whole.fragment_offset = 0;
  PacketPtr p = packets_.Take();
  WriteIpv4(p->Append(kIpv4HeaderSize), whole);
  std::copy(d->payload.begin(), d->payload.end(), p->Append(d->total).begin());
  open_.erase(d);
  return p;
}

}  // namespace sw::hal
