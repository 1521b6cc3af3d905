#include "device/lab/ip_stack.h"

#include <algorithm>

#include "ipsec/ip_header.h"

namespace sw::device {

using hal::EchoResult;
using hal::IcmpType;
using hal::Ipv4Header;
using hal::kIcmpHeaderSize;
using hal::kIpv4HeaderSize;
using hal::kProtocolIcmp;
using hal::kProtocolUdp;
using hal::Unreachable;
using ipsec::kProtocolAh;
using ipsec::kProtocolEsp;

namespace {

constexpr std::uint8_t kIcmpTtl = 255;
constexpr std::size_t kQuote = 8;  // payload bytes an ICMP error quotes (RFC 792)

// No host sends from these (RFC 1812 5.3.7); a loopback address never arrives from outside.
bool Martian(Ipv4 source) {
  return source.multicast() || source.loopback() || source.value >> 24 == 0 || source == Ipv4(0xffffffff);
}

}  // namespace

IpStack::IpStack(Scheduler& scheduler, PacketPool& packets, Interfaces& interfaces, IpHooks hooks)
    : scheduler_(scheduler),
      packets_(packets),
      interfaces_(interfaces),
      hooks_(std::move(hooks)),
      routes_(interfaces),
      reassembly_(packets) {}

bool IpStack::IsLocal(Ipv4 address) const {
  const auto hop = routes_.Find(address);
  return hop && hop->kind == Hop::Kind::kLocal;
}

std::optional<Ipv4> IpStack::SourceFor(Ipv4 destination) const {
  const auto hop = routes_.Find(destination);
  if (!hop) return std::nullopt;
  if (hop->kind == Hop::Kind::kLocal) return destination;
  if (hop->kind != Hop::Kind::kForward) return std::nullopt;
  const auto& own = hop->interface->settings.addresses;
  if (!own.empty()) {
    const Ipv4 station = hop->gateway.empty() ? destination : hop->gateway;
    const auto same = std::find_if(own.begin(), own.end(), [station](const Prefix& p) { return p.Contains(station); });
    return (same == own.end() ? own.front() : *same).address;
  }
  for (const auto& [name, interface] : interfaces_) {
    if (interface.usable() && !interface.settings.addresses.empty())
      return interface.settings.addresses.front().address;
  }
  return std::nullopt;
}

void IpStack::Input(Interface& from, PacketPtr packet) {
  if (!from.usable()) return;
  ++from.input_packets;
  from.input_bytes += packet->size();
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || Martian(header->source) || header->destination.loopback() || IsLocal(header->source)) {
    ++from.input_errors;
    return;
  }
  packet->TrimBack(packet->size() - header->total_length);
  if (from.on_input) return from.on_input(std::move(packet));
  InputPast(std::move(packet));
}

void IpStack::InputPast(PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header) return;
  packet->TrimBack(packet->size() - header->total_length);
  const auto hop = routes_.Find(header->destination);
  if (hop && hop->kind == Hop::Kind::kLocal) {
    Local(*header, std::move(packet));
  } else if (!header->destination.multicast() && !(hop && hop->kind == Hop::Kind::kBroadcast)) {
    Forward(*header, std::move(packet));
  }
}

void IpStack::Forward(const Ipv4Header& header, PacketPtr packet) {
  if (header.ttl <= 1) return Error(header, *packet, IcmpType::kTimeExceeded, 0);
  const auto hop = routes_.Find(header.destination);
  if (!hop) return Error(header, *packet, Unreachable::kNetwork);
  if (hop->kind == Hop::Kind::kReject) return Error(header, *packet, Unreachable::kHost);
  if (hop->kind != Hop::Kind::kForward) return;
  const auto mtu = static_cast<std::size_t>(hop->interface->settings.mtu);
  if (packet->size() > mtu && header.dont_fragment) {
    return Error(header, *packet, Unreachable::kFragmentationNeeded, static_cast<std::uint16_t>(mtu));
  }
  hal::DecrementTtl(packet->data());
  Transmit(*hop, header, std::move(packet));
}

void IpStack::SendPast(PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  const auto hop = header ? routes_.Find(header->destination) : std::nullopt;
  if (!hop) return;
  if (hop->kind == Hop::Kind::kLocal) return Local(*header, std::move(packet));
  if (hop->kind == Hop::Kind::kForward) TransmitPast(*hop, *header, std::move(packet));
}

Status IpStack::SendWhole(PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  const auto hop = header ? routes_.Find(header->destination) : std::nullopt;
  if (hop && hop->kind == Hop::Kind::kLocal) {
    Local(*header, std::move(packet));
  } else if (hop && hop->kind == Hop::Kind::kForward) {
    Transmit(*hop, *header, std::move(packet));
  } else {
    return {Code::kNotFound, "no route"};
  }
  return {};
}

void IpStack::Transmit(const Hop& hop, const Ipv4Header& header, PacketPtr packet) {
  if (hop.interface->on_output) return hop.interface->on_output(std::move(packet));
  TransmitPast(hop, header, std::move(packet));
}

void IpStack::TransmitPast(const Hop& hop, const Ipv4Header& header, PacketPtr packet) {
  Interface& out = *hop.interface;
  const Ipv4 station = hop.gateway.empty() ? header.destination : hop.gateway;
  const auto send = [&out, station](PacketPtr p) {
    if (!out.output) {
      ++out.output_errors;
      return;
    }
    ++out.output_packets;
    out.output_bytes += p->size();
    out.output(station, std::move(p));
  };
  if (packet->size() <= static_cast<std::size_t>(out.settings.mtu)) return send(std::move(packet));
  for (PacketPtr& piece : hal::Fragment(packets_, *packet, static_cast<std::size_t>(out.settings.mtu)))
    send(std::move(piece));
}

void IpStack::Local(const Ipv4Header& header, PacketPtr packet) {
  if (header.fragment()) {
    PacketPtr whole = reassembly_.Add(scheduler_.now(), header, *packet);
    if (whole == nullptr) return;
    if (const auto again = hal::ParseIpv4(whole->data())) Local(*again, std::move(whole));
    return;
  }
  switch (header.protocol) {
    case kProtocolIcmp:
      return LocalIcmp(header, std::move(packet));
    case kProtocolUdp:
      if (!hooks_.udp(header, packet)) Error(header, *packet, Unreachable::kPort);
      return;
    case kProtocolEsp:
    case kProtocolAh:
      if (hooks_.secured && hooks_.secured(packet)) return;
      return Error(header, *packet, Unreachable::kProtocol);
    default:
      if (hooks_.other && hooks_.other(header, packet)) return;
      return Error(header, *packet, Unreachable::kProtocol);
  }
}

void IpStack::LocalIcmp(const Ipv4Header& header, PacketPtr packet) {
  const ByteView message = ByteView(packet->data()).subspan(header.header_length);
  if (message.size() < kIcmpHeaderSize || hal::InternetChecksum(message) != 0) return;
  if (message[0] == static_cast<std::uint8_t>(IcmpType::kUnreachable) &&
      message[1] == static_cast<std::uint8_t>(Unreachable::kFragmentationNeeded) && hooks_.too_large) {
    hooks_.too_large(message.subspan(kIcmpHeaderSize), Load16(&message[6]));
  }
  if (message[0] != static_cast<std::uint8_t>(IcmpType::kEchoRequest)) {
    if (const auto result = hal::ParseEchoResult(message)) hooks_.echo(header, *result);
    return;
  }
  packet->TrimFront(header.header_length);
  const std::uint16_t id = Load16(&packet->data()[4]), sequence = Load16(&packet->data()[6]);
  hal::WriteIcmp(packet->data(), IcmpType::kEchoReply, 0, id, sequence);
  Ipv4Header reply;
  reply.protocol = kProtocolIcmp;
  reply.tos = header.tos;
  reply.ttl = kIcmpTtl;
  reply.source = header.destination;
  reply.destination = header.source;
  // No route back is the asker's loss: there is nobody to tell.
  (void)Send(reply, std::move(packet));
}

Status IpStack::Send(Ipv4Header header, PacketPtr payload, std::function<void(Ipv4, Packet&)> finish) {
  const auto hop = routes_.Find(header.destination);
  if (!hop || (hop->kind != Hop::Kind::kForward && hop->kind != Hop::Kind::kLocal)) {
    return {Code::kNotFound, "no route to " + header.destination.ToString()};
  }
  if (header.source.empty()) {
    const auto source = SourceFor(header.destination);
    if (!source) return {Code::kNotFound, "no source address for " + header.destination.ToString()};
    header.source = *source;
  }
  if (finish) finish(header.source, *payload);
  header.header_length = kIpv4HeaderSize;
  header.total_length = kIpv4HeaderSize + payload->size();
  header.id = ++last_id_;
  const ByteSpan front = payload->Prepend(kIpv4HeaderSize);
  if (front.empty()) return {Code::kBadValue, "no headroom for an IP header"};
  hal::WriteIpv4(front, header);
  if (hop->kind == Hop::Kind::kLocal) {
    Local(header, std::move(payload));
    return {};
  }
  if (header.dont_fragment && payload->size() > static_cast<std::size_t>(hop->interface->settings.mtu)) {
    return {Code::kBadValue, "larger than the MTU of " + hop->interface->settings.name + ", and not to be fragmented"};
  }
  Transmit(*hop, header, std::move(payload));
  return {};
}

void IpStack::Error(const Ipv4Header& about, const Packet& packet, Unreachable code, std::uint16_t mtu) {
  Error(about, packet, IcmpType::kUnreachable, static_cast<std::uint8_t>(code), mtu);
}

// RFC 1122 3.2.2: no error about an ICMP error, a later fragment, or a packet that no single host sent.
void IpStack::Error(const Ipv4Header& about, const Packet& packet, IcmpType type, std::uint8_t code,
                    std::uint16_t mtu) {
  if (about.fragment_offset != 0 || Martian(about.source)) return;
  const ByteView payload = packet.data().subspan(about.header_length);
  if (about.protocol == kProtocolIcmp &&
      (payload.empty() || (payload[0] != static_cast<std::uint8_t>(IcmpType::kEchoRequest) &&
                           payload[0] != static_cast<std::uint8_t>(IcmpType::kEchoReply)))) {
    return;
  }
  if (!MayError()) return;
  const ByteView quoted = packet.data().first(about.header_length + std::min(kQuote, payload.size()));
  PacketPtr error = packets_.Take();
  const ByteSpan message = error->Append(kIcmpHeaderSize + quoted.size());
  std::copy(quoted.begin(), quoted.end(), message.begin() + kIcmpHeaderSize);
  hal::WriteIcmp(message, type, code, 0, mtu);
  Ipv4Header header;
  header.protocol = kProtocolIcmp;
  header.ttl = kIcmpTtl;
  header.destination = about.source;
  (void)Send(header, std::move(error));
}

bool IpStack::MayError() {
  const Time now = scheduler_.now();
  errors_from_ = std::max(errors_from_, now);
  if (errors_from_ - now >= kErrorBurst * kErrorInterval) return false;
  errors_from_ = errors_from_ + kErrorInterval;
  return true;
}

}  // namespace sw::device
