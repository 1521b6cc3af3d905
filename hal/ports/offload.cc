#include "hal/ports/offload.h"

#include <algorithm>
#include <optional>

#include "hal/ports/checksum.h"

namespace sw::hal {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;
constexpr std::uint8_t kFin = 0x01, kPsh = 0x08, kAck = 0x10, kCwr = 0x80;
constexpr std::size_t kIpHeader = 20, kTcpHeader = 20, kUdpHeader = 8;
constexpr std::size_t kTcpChecksum = 16, kUdpChecksum = 6;  // offsets in their headers
constexpr std::size_t kTcpFlags = 13;
constexpr std::size_t kMostTcp = 512;  // pieces of one write stay below IOV_MAX
constexpr std::size_t kMostUdp =
    64;  // UDP_MAX_SEGMENTS of the oldest kernels; the kernel refuses the whole of a larger one

// Where the parts of an unfragmented TCP or UDP packet lie.
struct Layout {
  std::uint8_t protocol = 0;
  std::size_t ip = 0;      // bytes of the IP header
  std::size_t header = 0;  // of both headers
};

std::optional<Layout> LayoutOf(ByteView packet) {
  if (packet.size() < kIpHeader || packet[0] >> 4 != 4) return std::nullopt;
  Layout out;
  out.ip = (packet[0] & 0xfU) * std::size_t{4};
  if (out.ip < kIpHeader || packet.size() < out.ip || (Load16(&packet[6]) & 0x3fff) != 0) return std::nullopt;
  out.protocol = packet[9];
  if (out.protocol == kTcp) {
    if (packet.size() < out.ip + kTcpHeader) return std::nullopt;
    const std::size_t tcp = (packet[out.ip + 12] >> 4) * std::size_t{4};
    if (tcp < kTcpHeader) return std::nullopt;
    out.header = out.ip + tcp;
  } else if (out.protocol == kUdp) {
    out.header = out.ip + kUdpHeader;
  } else {
    return std::nullopt;
  }
  if (packet.size() < out.header) return std::nullopt;
  return out;
}

Ipv4 Source(const std::uint8_t* ip) {
  return Ipv4(Load32(ip + 12));
}
Ipv4 Destination(const std::uint8_t* ip) {
  return Ipv4(Load32(ip + 16));
}

void SetIpChecksum(ByteSpan packet, std::size_t ip) {
  Store16(&packet[10], 0);
  Store16(&packet[10], static_cast<std::uint16_t>(~ChecksumOf(packet.first(ip))));
}

// Of the whole upper part of a packet whose checksum field is zero; for UDP never 0 (RFC 768).
std::uint16_t UpperChecksum(ByteView packet, const Layout& at) {
  const std::uint8_t* ip = packet.data();
  const ByteView upper = packet.subspan(at.ip);
  const auto sum = static_cast<std::uint16_t>(
      ~FoldChecksum(PseudoHeaderSum(Source(ip), Destination(ip), at.protocol, upper.size()) + ChecksumOf(upper)));
  return sum == 0 && at.protocol == kUdp ? 0xffff : sum;
}

void SetUpperChecksum(ByteSpan packet, const Layout& at) {
  std::uint8_t* field = &packet[at.ip + (at.protocol == kTcp ? kTcpChecksum : kUdpChecksum)];
  Store16(field, 0);
  Store16(field, UpperChecksum(packet, at));
}

bool UpperChecksumRight(ByteView packet, const Layout& at) {
  const std::uint8_t* ip = packet.data();
  const ByteView upper = packet.subspan(at.ip);
  return FoldChecksum(PseudoHeaderSum(Source(ip), Destination(ip), at.protocol, upper.size()) + ChecksumOf(upper)) ==
         0xffff;
}

}  // namespace

std::optional<Cutter> Cutter::Look(const OffloadHeader& header, ByteView packet, std::size_t most) {
  Cutter out(packet);
  const std::uint8_t type = header.gso_type & static_cast<std::uint8_t>(~kGsoEcn);
  if (type == kGsoNone) {
    out.needs_checksum_ = (header.flags & kNeedsChecksum) != 0;
    out.checksum_start_ = header.csum_start;
    out.checksum_field_ = out.checksum_start_ + header.csum_offset;
    out.step_ = packet.size();
    if (packet.size() > most || (out.needs_checksum_ && out.checksum_field_ + 2 > packet.size())) return std::nullopt;
    return out;
  }
  const auto layout = LayoutOf(packet);
  if (!layout || (type != kGsoTcp4 && type != kGsoUdp) || layout->protocol != (type == kGsoTcp4 ? kTcp : kUdp))
    return std::nullopt;
  out.whole_ = false;
  out.protocol_ = layout->protocol;
  out.ip_ = layout->ip;
  out.front_ = layout->header;
  out.step_ = header.gso_size;
  if (out.step_ == 0 || out.front_ + out.step_ > most) return std::nullopt;
  const std::size_t payload = packet.size() - out.front_;
  out.parts_ = payload == 0 ? 1 : (payload + out.step_ - 1) / out.step_;
  return out;
}

std::size_t Cutter::Payload(std::size_t part) const {
  return std::min(step_, packet_.size() - front_ - part * step_);
}

// The field holds the pseudo-header's sum.
void Cutter::WriteWhole(ByteSpan out) const {
  std::copy(packet_.begin(), packet_.end(), out.begin());
  if (!needs_checksum_) return;
  const auto sum = static_cast<std::uint16_t>(~ChecksumOf(out.subspan(checksum_start_)));
  const bool udp = checksum_field_ - checksum_start_ == kUdpChecksum;
  Store16(&out[checksum_field_], sum == 0 && udp ? 0xffff : sum);
}

void Cutter::Write(std::size_t part, ByteSpan out) const {
  if (whole_) return WriteWhole(out);
  const std::size_t at = part * step_;
  const ByteView payload = packet_.subspan(front_ + at, out.size() - front_);
  std::copy_n(packet_.begin(), front_, out.begin());
  std::copy(payload.begin(), payload.end(), out.begin() + static_cast<std::ptrdiff_t>(front_));
  Store16(&out[2], static_cast<std::uint16_t>(out.size()));
  Store16(&out[4], static_cast<std::uint16_t>(Load16(&packet_[4]) + part));
  SetIpChecksum(out, ip_);
  std::uint8_t* upper = &out[ip_];
  if (protocol_ == kTcp) {
    Store32(upper + 4, Load32(upper + 4) + static_cast<std::uint32_t>(at));
    if (part + 1 != parts_) upper[kTcpFlags] &= static_cast<std::uint8_t>(~(kFin | kPsh));
    if (part != 0) upper[kTcpFlags] &= static_cast<std::uint8_t>(~kCwr);
  } else {
    Store16(upper + 4, static_cast<std::uint16_t>(kUdpHeader + payload.size()));
  }
  SetUpperChecksum(out, {protocol_, ip_, front_});
}

bool Cut(const OffloadHeader& header, ByteView packet, PacketPool& packets, std::vector<PacketPtr>& out) {
  const auto cutter = Cutter::Look(header, packet, Packet::kRoom - Packet::kHeadroom);
  if (!cutter) return false;
  for (std::size_t i = 0; i < cutter->parts(); ++i) {
    PacketPtr made = packets.Take();
    cutter->Write(i, made->Append(cutter->size(i)));
    out.push_back(std::move(made));
  }
  return true;
}

namespace {

// What Plan needs to know of a packet that may be joined at all.
struct Joinable {
  Layout layout;
  bool tcp = false;
  bool ends = false;  // nothing may follow it
};

std::optional<Joinable> LookAt(ByteView packet, bool udp) {
  const auto layout = LayoutOf(packet);
  if (!layout || layout->ip != kIpHeader || Load16(&packet[2]) != packet.size()) return std::nullopt;
  Joinable out{*layout, layout->protocol == kTcp, false};
  if (packet.size() == layout->header) return std::nullopt;  // pure acknowledgements stay alone
  const std::uint8_t* upper = &packet[layout->ip];
  if (out.tcp) {
    const std::uint8_t flags = upper[kTcpFlags];
    if ((flags & ~kPsh) != kAck || Load16(upper + 18) != 0) return std::nullopt;
    out.ends = (flags & kPsh) != 0;
  } else {
    if (!udp || Load16(upper + 4) != packet.size() - layout->ip || Load16(upper + kUdpChecksum) == 0)
      return std::nullopt;
  }
  if (ChecksumOf(packet.first(layout->ip)) != 0xffff || !UpperChecksumRight(packet, *layout)) return std::nullopt;
  return out;
}

// Both packets' headers have been looked at: ports and addresses, where they have them.
bool SameFlow(ByteView a, ByteView b) {
  return a.size() >= 24 && b.size() >= 24 && a[9] == b[9] && std::equal(&a[12], &a[12] + 12, &b[12]);
}

// What must not differ between packets that become one: everything but lengths, ids, checksums, sequence and PSH.
bool SameHeaders(ByteView a, ByteView b, const Layout& at) {
  if (a[1] != b[1] || a[6] != b[6] || a[7] != b[7] || a[8] != b[8]) return false;  // TOS with ECN, flags, TTL
  if (at.protocol == kUdp) return true;
  const std::uint8_t *x = &a[at.ip], *y = &b[at.ip];
  return std::equal(x + 8, x + 13, y + 8) && std::equal(x + 14, x + 16, y + 14) &&
         std::equal(x + kTcpHeader, &a[0] + at.header, y + kTcpHeader);
}

}  // namespace

bool Joiner::Append(Write& write, std::span<const ByteSpan> burst, std::size_t index) {
  const ByteView first = burst[write.first], packet = burst[index];
  const Layout at{first[9], kIpHeader, write.header_bytes};
  const std::size_t payload = packet.size() - write.header_bytes;
  const bool atomic = (packet[6] & 0x40) != 0;  // DF set: the id says nothing (RFC 6864)
  if (payload > write.header.gso_size || write.bytes + payload > kMaxIpv4Packet ||
      write.packets == (at.protocol == kTcp ? kMostTcp : kMostUdp))
    return false;
  if (!SameHeaders(first, packet, at) || (!atomic && Load16(&packet[4]) != write.next_id)) return false;
  if (at.protocol == kTcp && Load32(&packet[at.ip + 4]) != write.next_sequence) return false;
  next_[write.last] = index;
  write.last = index;
  write.bytes += payload;
  write.next_sequence += static_cast<std::uint32_t>(payload);
  ++write.next_id;
  ++write.packets;
  const bool psh = at.protocol == kTcp && (packet[at.ip + kTcpFlags] & kPsh) != 0;
  if (psh) burst[write.first][at.ip + kTcpFlags] |= kPsh;
  write.open = payload == write.header.gso_size && !psh;
  return true;
}

// Turns the first packet's headers into those of the large packet.
void Joiner::Finish(Write& write, std::span<const ByteSpan> burst) {
  write.open = false;
  if (write.packets == 1) {
    write.header = {};
    return;
  }
  const ByteSpan packet = burst[write.first];
  const std::uint8_t protocol = packet[9];
  Store16(&packet[2], static_cast<std::uint16_t>(write.bytes));
  SetIpChecksum(packet, kIpHeader);
  const std::size_t upper = write.bytes - kIpHeader;
  if (protocol == kUdp) Store16(&packet[kIpHeader + 4], static_cast<std::uint16_t>(upper));
  write.header.flags = kNeedsChecksum;
  write.header.gso_type = protocol == kTcp ? kGsoTcp4 : kGsoUdp;
  write.header.hdr_len = static_cast<std::uint16_t>(write.header_bytes);
  write.header.csum_start = kIpHeader;
  write.header.csum_offset = protocol == kTcp ? kTcpChecksum : kUdpChecksum;
  Store16(&packet[kIpHeader + write.header.csum_offset],
          FoldChecksum(PseudoHeaderSum(Source(packet.data()), Destination(packet.data()), protocol, upper)));
}

const std::vector<Joiner::Write>& Joiner::Plan(std::span<const ByteSpan> burst, bool udp) {
  writes_.clear();
  next_.assign(burst.size(), 0);
  std::size_t runs = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    const ByteView packet = burst[i];
    const auto joinable = LookAt(packet, udp);
    bool taken = false;
    // A packet of a flow that cannot continue its run ends it: nothing overtakes.
    for (std::size_t r = 0; r < runs && !taken; ++r) {
      Write& run = writes_[open_[r]];
      if (!SameFlow(burst[run.first], packet)) continue;
      taken = joinable && joinable->layout.header == run.header_bytes && Append(run, burst, i);
      if (!taken || !run.open) {
        run.open = false;
        open_[r] = open_[--runs];
      }
      break;
    }
    if (taken) continue;
    Write write;
    write.header = {};
    write.first = write.last = i;
    write.bytes = packet.size();
    if (joinable && !joinable->ends && burst.size() > 1) {
      const std::size_t payload = packet.size() - joinable->layout.header;
      write.header_bytes = joinable->layout.header;
      write.header.gso_size = static_cast<std::uint16_t>(payload);
      write.next_id = static_cast<std::uint16_t>(Load16(&packet[4]) + 1);
      write.next_sequence =
          joinable->tcp ? Load32(&packet[joinable->layout.ip + 4]) + static_cast<std::uint32_t>(payload) : 0;
      write.open = true;
      if (runs == kOpenRuns) {  // the oldest makes room
        writes_[open_[0]].open = false;
        std::copy(open_ + 1, open_ + kOpenRuns, open_);
        --runs;
      }
      open_[runs++] = writes_.size();
    }
    writes_.push_back(write);
  }
  for (Write& write : writes_) Finish(write, burst);
  return writes_;
}

void Joiner::Pieces(const Write& write, std::span<const ByteSpan> burst, std::vector<iovec>& out) const {
  std::size_t skip = 0;
  for (std::size_t i = write.first;;) {
    const ByteSpan bytes = burst[i].subspan(skip);
    out.push_back({bytes.data(), bytes.size()});
    if (i == write.last) return;
    i = next_[i];
    skip = write.header_bytes;
  }
}

}  // namespace sw::hal
