#include "ipsec/flights.h"

#include <algorithm>
#include <utility>

#include "ipsec/ah_codec.h"
#include "ipsec/esp_codec.h"
#include "ipsec/ip_header.h"
#include "ipsec/selector.h"

namespace sw::ipsec {
namespace {

Cause CauseOf(Drop drop) {
  switch (drop) {
    case Drop::kBadIcv:
    case Drop::kBadPadding:
      return Cause::kAuthentication;
    case Drop::kTruncated:
      return Cause::kLength;
    case Drop::kReplayed:
    case Drop::kTooOld:
    case Drop::kSequenceExhausted:
      return Cause::kReplay;
    case Drop::kNoRoom:
      return Cause::kTooLong;
    case Drop::kDeviceBusy:
      return Cause::kQueueFull;
    case Drop::kDeviceFault:
      return Cause::kNoMemory;
    default:
      return Cause::kNoSa;
  }
}

// Which of the two protocols of a bundle comes first when it seals.
SaProtocol FirstOut(const Bundle& bundle) {
  return bundle.out_esp ? SaProtocol::kEsp : SaProtocol::kAh;
}

// Whose work on a packet failed.
SaProtocol AtWork(const Bundle* bundle, bool opening, SaId sa) {
  if (bundle == nullptr) return SaProtocol::kEsp;
  const std::optional<InstalledSa>& ah = opening ? bundle->in_ah : bundle->out_ah;
  return ah && ah->id == sa ? SaProtocol::kAh : SaProtocol::kEsp;
}

}  // namespace

// The largest packet that still fits the path once it is protected.
std::size_t Flights::InnerRoom(const PortPolicies& port, const Bundle& bundle) const {
  std::size_t room = port.settings.mtu;
  if (bundle.path_mtu != 0 && bundle.path_mtu_until > services_.now()) room = std::min(room, bundle.path_mtu);
  const Protection& protection = bundle.agreed.protection;
  room -= hal::kIpv4HeaderSize;
  if (bundle.agreed.nat_port) room -= hal::kUdpHeaderSize;
  if (protection.ah) room -= kAhFixedBytes + Info(*protection.ah).icv_bytes;
  if (protection.esp) room = InnerMtu(*protection.esp, room);
  return bundle.transport() ? room + hal::kIpv4HeaderSize : room;
}

KnownPacket Flights::KnownOf(const Flight& flight, const Bundle* bundle, SaProtocol protocol) {
  return {
      .header = &flight.header, .bundle = bundle, .protocol = protocol, .spi = flight.spi, .sequence = flight.sequence};
}

std::uint64_t Flights::Take(const Flight& flight) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(flights_.size()));
    flights_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  flights_[place] = flight;
  return place;
}

void Flights::Seal(const PortPolicies& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet,
                   GatewayOutput& out) {
  packet->TrimBack(packet->size() - header.total_length);
  const std::size_t room = InnerRoom(port, bundle);
  const KnownPacket known{.header = &header, .bundle = &bundle, .protocol = FirstOut(bundle)};
  if (packet->size() > room && header.dont_fragment) {
    report_.Dropped(true, Cause::kTooLong, known);
    if (PacketPtr error = FragmentationNeeded(services_.packets, *packet, port.settings.address, room))
      out.sent.push_back({port.settings.port, std::move(error)});
    return;
  }
  // Transport mode is for whole datagrams between the ends themselves (RFC 2401 section 4.1).
  const AgreedSas& agreed = bundle.agreed;
  if (bundle.transport() &&
      (header.fragment() || header.source != agreed.local || header.destination != agreed.remote)) {
    return report_.Dropped(true, Cause::kWrongSa, known);
  }
  Flight flight;
  flight.connection = bundle.connection;
  flight.header = header;
  report_.statistics.out.bytes += packet->size();
  if (!bundle.out_esp) {
    if (!bundle.transport() &&
        !PrependOuter(*packet, header, agreed.local, agreed.remote, kProtocolIpip, ++last_ip_id_)) {
      return report_.Dropped(true, Cause::kTooLong, known);
    }
    esp_.Protect(services_.now(), bundle.out_ah->id, std::move(packet), 0, Take(flight));
    return;
  }
  std::uint8_t next_header = kNextHeaderIpv4;
  if (bundle.transport()) {
    next_header = header.protocol;
    flight.length = header.header_length;
    std::copy_n(packet->data().begin(), flight.length, flight.bytes.begin());
    packet->TrimFront(flight.length);
  }
  esp_.Protect(services_.now(), bundle.out_esp->id, std::move(packet), next_header, Take(flight));
}

void Flights::FinishSealed(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out) {
  const AgreedSas& agreed = bundle.agreed;
  const bool was_esp = bundle.out_esp && bundle.out_esp->id == done.sa;
  if (report_.Wants(GatewayTopic::kPacket)) {
    KnownPacket known{
        .header = &flight.header, .bundle = &bundle, .protocol = was_esp ? SaProtocol::kEsp : SaProtocol::kAh};
    known.spi = was_esp ? bundle.out_esp->spi : bundle.out_ah->spi;
    if (was_esp) {
      known.sequence = Load32(done.packet->data().data() + 4);
    } else if (const auto ah = ReadAh(*done.packet)) {
      known.sequence = ah->sequence;
    }
    report_.TellSealed(known, !was_esp || !bundle.out_ah);
  }
  if (was_esp && agreed.nat_port) {  // a peer behind NAT gets ESP alone, AH cannot cross it
    ++report_.statistics.out.packets;
    bundle.out_bytes += done.packet->size();
    out.udp.push_back({agreed.local, {agreed.remote, *agreed.nat_port}, std::move(done.packet)});
    return sas_.CountBytes(bundle);
  }
  if (was_esp) {
    if (bundle.transport()) {
      const ByteSpan front = done.packet->Prepend(flight.length);
      if (front.empty()) return report_.Dropped(true, Cause::kTooLong, {.header = &flight.header, .bundle = &bundle});
      std::copy_n(flight.bytes.begin(), flight.length, front.begin());
      SetProtocol(done.packet->data(), kProtocolEsp);
    } else if (!PrependOuter(*done.packet, flight.header, agreed.local, agreed.remote, kProtocolEsp, ++last_ip_id_)) {
      return report_.Dropped(true, Cause::kTooLong, {.header = &flight.header, .bundle = &bundle});
    }
    if (bundle.out_ah) {
      esp_.Protect(services_.now(), bundle.out_ah->id, std::move(done.packet), 0, Take(flight));
      return;
    }
  }
  ++report_.statistics.out.packets;
  bundle.out_bytes += done.packet->size();
  out.sent.push_back({bundle.port, std::move(done.packet)});
  sas_.CountBytes(bundle);
}

void Flights::Open(PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || header->fragment())
    return report_.Dropped(false, Cause::kLength, {.header = header ? &*header : nullptr});
  packet->TrimBack(packet->size() - header->total_length);
  Flight flight;
  flight.opening = true;
  flight.header = *header;
  if (header->protocol == kProtocolAh) return OpenAh(flight, std::move(packet));
  if (header->protocol != kProtocolEsp) return report_.Dropped(false, Cause::kWrongSa, {.header = &*header});
  OpenEsp(nullptr, flight, std::move(packet));
}

void Flights::OpenAh(Flight flight, PacketPtr packet) {
  const auto ah = ReadAh(*packet);
  if (!ah) return report_.Dropped(false, Cause::kLength, KnownOf(flight, nullptr, SaProtocol::kAh));
  flight.spi = ah->spi;
  flight.sequence = ah->sequence;
  const Bundle* bundle = bundles_.FindInbound(SaProtocol::kAh, ah->spi);
  if (bundle == nullptr) return report_.Dropped(false, Cause::kNoSa, KnownOf(flight, nullptr, SaProtocol::kAh));
  flight.connection = bundle->connection;
  esp_.UnprotectAh(services_.now(), std::move(packet), Take(flight));
}

void Flights::OpenUdp(Ipv4 local, Endpoint remote, PacketPtr packet) {
  const ByteView bytes = packet->data();
  Flight flight;
  flight.opening = true;
  flight.header.source = remote.address;
  flight.header.destination = local;
  flight.header.protocol = kProtocolEsp;
  flight.header.total_length = hal::kIpv4HeaderSize + bytes.size();
  if (bytes.size() >= kEspHeaderBytes) {
    flight.spi = Load32(&bytes[0]);
    flight.sequence = Load32(&bytes[4]);
  }
  const Bundle* bundle = flight.spi == 0 ? nullptr : bundles_.FindInbound(SaProtocol::kEsp, flight.spi);
  if (bundle == nullptr || bundle->in_ah || !bundle->agreed.nat_port)
    return report_.Dropped(false, bundle == nullptr ? Cause::kNoSa : Cause::kWrongSa,
                           KnownOf(flight, bundle, SaProtocol::kEsp));
  flight.connection = bundle->connection;
  flight.length = hal::kIpv4HeaderSize;
  hal::WriteIpv4(flight.bytes, flight.header);
  esp_.Unprotect(services_.now(), std::move(packet), Take(flight));
}

// `outer`: the bundle whose AH was around it; null: ESP came alone.
void Flights::OpenEsp(Bundle* outer, Flight flight, PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || packet->size() < header->header_length + kEspHeaderBytes)
    return report_.Dropped(false, Cause::kLength, {.header = &flight.header, .bundle = outer});
  flight.length = header->header_length;
  std::copy_n(packet->data().begin(), flight.length, flight.bytes.begin());
  packet->TrimFront(flight.length);
  flight.spi = Load32(packet->data().data());
  flight.sequence = Load32(packet->data().data() + 4);
  Bundle* bundle = bundles_.FindInbound(SaProtocol::kEsp, flight.spi);
  const KnownPacket known = KnownOf(flight, bundle, SaProtocol::kEsp);
  if (bundle == nullptr) return report_.Dropped(false, Cause::kNoSa, known);
  if (bundle != outer && (outer != nullptr || bundle->in_ah)) return report_.Dropped(false, Cause::kWrongSa, known);
  flight.connection = bundle->connection;
  esp_.Unprotect(services_.now(), std::move(packet), Take(flight));
}

// What came by an SA must be what that SA is for (RFC 2401 section 5.2.1).
bool Flights::IsFor(const Bundle& bundle, const AclPacket& inner, bool later_fragment) const {
  const ActivePolicy* one = policies_.Find(bundle.policy);
  return one != nullptr && (one->manual() || Fits(bundle.flow(), Mirrored(inner))) &&
         (later_fragment || policies_.Permits(*one, inner, true));
}

void Flights::FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out) {
  const AgreedSas& agreed = bundle.agreed;
  const bool was_ah = bundle.in_ah && bundle.in_ah->id == done.sa;
  PacketPtr packet = std::move(done.packet);
  const KnownPacket known = KnownOf(flight, &bundle, was_ah ? SaProtocol::kAh : SaProtocol::kEsp);
  if (was_ah && bundle.in_esp) {
    if (done.next_header != kProtocolEsp) return report_.Dropped(false, Cause::kWrongSa, known);
    if (report_.Wants(GatewayTopic::kPacket)) report_.TellOpened(known, nullptr);
    return OpenEsp(&bundle, flight, std::move(packet));
  }
  // An SA is for its two ends; behind NAT the sender's address is the NAT's affair.
  if (flight.header.destination != agreed.local || (!agreed.nat_port && flight.header.source != agreed.remote))
    return report_.Dropped(false, Cause::kWrongSa, known);
  if (!bundle.transport()) {
    if (was_ah) packet->TrimFront(flight.header.header_length);
    if (done.next_header != kNextHeaderIpv4) {
      if (done.next_header != kNextHeaderNone) report_.Dropped(false, Cause::kWrongSa, known);
      return;
    }
  } else if (!was_ah) {
    const ByteSpan front = packet->Prepend(flight.length);
    if (front.empty()) return report_.Dropped(false, Cause::kTooLong, known);
    std::copy_n(flight.bytes.begin(), flight.length, front.begin());
    SetProtocol(packet->data(), done.next_header);
  }
  const auto inner = hal::ParseIpv4(packet->data());
  std::optional<AclPacket> seen = inner ? AclPacket::Read(packet->data()) : std::nullopt;
  if (!seen) return report_.Dropped(false, Cause::kLength, known);
  seen->later_fragment = false;
  if (!IsFor(bundle, *seen, inner->fragment_offset != 0)) return report_.Dropped(false, Cause::kWrongSa, known);
  if (report_.Wants(GatewayTopic::kPacket)) report_.TellOpened(known, &*inner);
  ++report_.statistics.in.packets;
  report_.statistics.in.bytes += packet->size();
  bundle.in_bytes += packet->size();
  bundle.settled = {};
  requests_.Heard(bundle);
  out.delivered.push_back({bundle.port, std::move(packet)});
  sas_.CountBytes(bundle);
}

void Flights::FinishOne(Finished& done, GatewayOutput& out) {
  const auto place = static_cast<std::uint32_t>(done.context);
  Flight flight = flights_[place];
  free_.push_back(place);
  Bundle* bundle = bundles_.Find(flight.connection);
  if (done.drop != Drop::kNone || bundle == nullptr) {
    KnownPacket known = KnownOf(flight, bundle, AtWork(bundle, flight.opening, done.sa));
    known.detail = done.drop;
    return report_.Dropped(!flight.opening, done.drop == Drop::kNone ? Cause::kNoSa : CauseOf(done.drop), known);
  }
  flight.opening ? FinishOpened(flight, *bundle, done, out) : FinishSealed(flight, *bundle, done, out);
}

void Flights::Finish(GatewayOutput& out) {
  for (;;) {
    esp_.Flush();
    finished_.clear();
    esp_.Poll(finished_);
    if (finished_.empty()) return;
    std::vector<Finished> round = std::exchange(finished_, {});
    for (Finished& done : round) FinishOne(done, out);
    finished_ = std::move(round);
  }
}

}  // namespace sw::ipsec
