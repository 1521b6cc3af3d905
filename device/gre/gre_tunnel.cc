#include "device/gre/gre_tunnel.h"

#include <utility>

namespace sw::device {
namespace {

constexpr std::uint8_t kTtl = 255;

std::optional<GreDrop> DropOf(GreFault fault) {
  if (fault == GreFault::kNone) return std::nullopt;
  return fault == GreFault::kChecksum ? GreDrop::kChecksum : GreDrop::kMalformed;
}

}  // namespace

std::uint64_t GreCounters::Errors(bool input) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kGreDropReasons; ++i)
    if (kGreDropTexts[i].input == input) sum += drops[i];
  return sum;
}

void GreTunnel::Configure(Time now, std::optional<GreSettings> settings) {
  const bool same = settings && settings_ && settings->keepalive == settings_->keepalive &&
                    settings->local == settings_->local && settings->remote == settings_->remote;
  settings_ = std::move(settings);
  if (same) return;
  unanswered_ = 0;
  answered_ = true;
  deadline_ = settings_ && settings_->keepalive ? now : Time::Never();
}

void GreTunnel::PrependIp(Packet& packet, Ipv4 from, Ipv4 to, std::uint8_t tos) {
  packet.Prepend(hal::kIpv4HeaderSize);
  hal::Ipv4Header header;
  header.total_length = packet.size();
  header.tos = tos;
  if (++last_id_ == 0) ++last_id_;  // a kernel would fill in 0, for each fragment anew
  header.id = last_id_;
  header.ttl = kTtl;
  header.protocol = kProtocolGre;
  header.source = from;
  header.destination = to;
  hal::WriteIpv4(packet.data(), header);
}

// A packet without the headroom is exchanged for a copy that has it.
bool GreTunnel::Encapsulate(PacketPtr& packet, std::uint8_t tos) {
  const GreHeader header = settings_->Header(kGreIpv4);
  if (packet->headroom() < settings_->overhead()) packet = packets_.Copy(packet->data());
  if (packet == nullptr) return false;
  packet->Prepend(header.size());
  WriteGre(packet->data(), header);
  PrependIp(*packet, settings_->local, settings_->remote, tos);
  return true;
}

std::optional<GreDrop> GreTunnel::Unfit(GreWay way, const std::optional<hal::Ipv4Header>& inner) const {
  if (!settings_) return GreDrop::kNotRunning;
  if (!inner) return GreDrop::kNotIpv4;
  if (way == GreWay::kIntoItself || inner->destination == settings_->remote) return GreDrop::kIntoItself;
  if (way == GreWay::kNone) return GreDrop::kNoWay;
  return std::nullopt;
}

void GreTunnel::Forward(Time now, GreWay way, std::vector<PacketPtr>& burst, GreOutput& out) {
  for (PacketPtr& packet : burst) {
    const auto inner = hal::ParseIpv4(packet->data());
    std::optional<GreDrop> drop = Unfit(way, inner);
    if (!drop) {
      packet->TrimBack(packet->size() - inner->total_length);
      if (!Encapsulate(packet, inner->tos)) drop = GreDrop::kNoRoom;
    }
    if (drop) {
      CountDrops(*drop, 1);
      continue;
    }
    ++counters_.output_packets;
    counters_.output_bytes += inner->total_length;
    output_.Count(now, inner->total_length);
    out.sent.push_back(std::move(packet));
  }
  burst.clear();
}

void GreTunnel::Receive(Time now, PacketPtr packet, GreOutput& out) {
  if (!settings_) return;
  if (const auto drop = ReceiveInner(now, std::move(packet), out)) CountDrops(*drop, 1);
}

std::optional<GreDrop> GreTunnel::ReceiveInner(Time now, PacketPtr packet, GreOutput& out) {
  const auto outer = hal::ParseIpv4(packet->data());
  if (!outer) return GreDrop::kMalformed;
  packet->TrimBack(packet->size() - outer->total_length);
  packet->TrimFront(outer->header_length);
  const GreReading read = ReadGre(packet->data());
  if (const auto drop = DropOf(read.fault)) return drop;
  if (read.header.key != settings_->key) return GreDrop::kKey;
  if (read.header.protocol == kGreKeepalive) {
    if (!settings_->keepalive) return GreDrop::kProtocol;
    ++counters_.answers;
    unanswered_ = 0;
    answered_ = true;
    return std::nullopt;
  }
  if (read.header.protocol != kGreIpv4) return GreDrop::kProtocol;
  packet->TrimFront(read.header.size());
  const auto inner = hal::ParseIpv4(packet->data());
  if (!inner) return GreDrop::kInner;
  packet->TrimBack(packet->size() - inner->total_length);
  if (inner->source == settings_->local) {
    if (!ReturnsKeepalive(*inner, packet->data())) return GreDrop::kOwnSource;
    hal::DecrementTtl(packet->data());
    out.sent.push_back(std::move(packet));
    return std::nullopt;
  }
  if (!answered_) return GreDrop::kLineDown;
  ++counters_.input_packets;
  counters_.input_bytes += inner->total_length;
  input_.Count(now, inner->total_length);
  out.delivered.push_back(std::move(packet));
  return std::nullopt;
}

// The payload of the other end's keepalive. Nothing else goes back, so that nothing goes round.
bool GreTunnel::ReturnsKeepalive(const hal::Ipv4Header& inner, ByteView packet) const {
  if (inner.destination != settings_->remote || inner.protocol != kProtocolGre || inner.fragment() || inner.ttl <= 1)
    return false;
  const GreReading read = ReadGre(packet.subspan(inner.header_length));
  return read.fault == GreFault::kNone && read.header.protocol == kGreKeepalive;
}

void GreTunnel::OnTimer(Time now, GreOutput& out) {
  if (now < deadline_ || !settings_ || !settings_->keepalive) return;
  if (unanswered_ >= settings_->keepalive->times) answered_ = false;
  deadline_ = now + settings_->keepalive->interval;
  const GreHeader answer{.checksum = false, .key = settings_->key, .sequence = {}, .protocol = kGreKeepalive};
  PacketPtr packet = packets_.Take();
  packet->Append(answer.size());
  WriteGre(packet->data(), answer);
  PrependIp(*packet, settings_->remote, settings_->local, 0);  // as the other end is to send it on
  if (!Encapsulate(packet, 0)) return;
  ++counters_.keepalives;
  if (unanswered_ < settings_->keepalive->times) ++unanswered_;
  out.sent.push_back(std::move(packet));
}

}  // namespace sw::device
