// Packets on their way through the SAs of the gateway: sealed, opened, checked, handed out.
#include <algorithm>
#include <utility>

#include "ipsec/ah_codec.h"
#include "ipsec/esp_codec.h"
#include "ipsec/gateway_impl.h"

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
std::size_t Gateway::Impl::InnerRoom(const Port& port, Bundle& bundle) const {
  std::size_t room = port.settings.mtu;
  if (bundle.path_mtu != 0 && bundle.path_mtu_until > now()) room = std::min(room, bundle.path_mtu);
  const Protection& protection = bundle.agreed.protection;
  room -= hal::kIpv4HeaderSize;
  if (bundle.agreed.nat_port) room -= hal::kUdpHeaderSize;
  if (protection.ah) room -= kAhFixedBytes + Info(*protection.ah).icv_bytes;
  if (protection.esp) room = InnerMtu(*protection.esp, room);
  return bundle.transport() ? room + hal::kIpv4HeaderSize : room;
}

Gateway::Impl::Known Gateway::Impl::KnownOf(const Flight& flight, const Bundle* bundle, SaProtocol protocol) {
  return {
      .header = &flight.header, .bundle = bundle, .protocol = protocol, .spi = flight.spi, .sequence = flight.sequence};
}

std::uint64_t Gateway::Impl::Take(Flight flight) {
  if (free_flights.empty()) {
    free_flights.push_back(static_cast<std::uint32_t>(flights.size()));
    flights.emplace_back();
  }
  const std::uint32_t place = free_flights.back();
  free_flights.pop_back();
  flights[place] = flight;
  return place;
}

void Gateway::Impl::Seal(Port& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet,
                         GatewayOutput& out) {
  packet->TrimBack(packet->size() - header.total_length);
  const std::size_t room = InnerRoom(port, bundle);
  const Known known{.header = &header, .bundle = &bundle, .protocol = FirstOut(bundle)};
  if (packet->size() > room && header.dont_fragment) {
    Drop(true, Cause::kTooLong, known);
    if (PacketPtr error = FragmentationNeeded(services.packets, *packet, port.settings.address, room))
      out.sent.push_back({port.settings.port, std::move(error)});
    return;
  }
  // Transport mode is for whole datagrams between the ends themselves (RFC 2401 section 4.1).
  const AgreedSas& agreed = bundle.agreed;
  if (bundle.transport() &&
      (header.fragment() || header.source != agreed.local || header.destination != agreed.remote)) {
    return Drop(true, Cause::kWrongSa, known);
  }
  Flight flight;
  flight.connection = bundle.connection;
  flight.header = header;
  statistics.out.bytes += packet->size();
  if (!bundle.out_esp) {
    if (!bundle.transport() &&
        !PrependOuter(*packet, header, agreed.local, agreed.remote, kProtocolIpip, ++last_ip_id)) {
      return Drop(true, Cause::kTooLong, known);
    }
    esp.Protect(now(), bundle.out_ah->id, std::move(packet), 0, Take(flight));
    return;
  }
  std::uint8_t next_header = kNextHeaderIpv4;
  if (bundle.transport()) {
    next_header = header.protocol;
    flight.length = header.header_length;
    std::copy_n(packet->data().begin(), flight.length, flight.bytes.begin());
    packet->TrimFront(flight.length);
  }
  esp.Protect(now(), bundle.out_esp->id, std::move(packet), next_header, Take(flight));
}

void Gateway::Impl::FinishSealed(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out) {
  const AgreedSas& agreed = bundle.agreed;
  const bool was_esp = bundle.out_esp && bundle.out_esp->id == done.sa;
  if (Wants(Topic::kPacket)) {
    Known known{.header = &flight.header, .bundle = &bundle, .protocol = was_esp ? SaProtocol::kEsp : SaProtocol::kAh};
    known.spi = was_esp ? bundle.out_esp->spi : bundle.out_ah->spi;
    if (was_esp) {
      known.sequence = Load32(done.packet->data().data() + 4);
    } else if (const auto ah = ReadAh(*done.packet)) {
      known.sequence = ah->sequence;
    }
    TellSealed(known, !was_esp || !bundle.out_ah);
  }
  if (was_esp && agreed.nat_port) {  // a peer behind NAT gets ESP alone, AH cannot cross it
    ++statistics.out.packets;
    bundle.out_bytes += done.packet->size();
    out.udp.push_back({agreed.local, {agreed.remote, *agreed.nat_port}, std::move(done.packet)});
    return CountBytes(bundle);
  }
  if (was_esp) {
    if (bundle.transport()) {
      const ByteSpan front = done.packet->Prepend(flight.length);
      if (front.empty()) return Drop(true, Cause::kTooLong, {.header = &flight.header, .bundle = &bundle});
      std::copy_n(flight.bytes.begin(), flight.length, front.begin());
      SetProtocol(done.packet->data(), kProtocolEsp);
    } else if (!PrependOuter(*done.packet, flight.header, agreed.local, agreed.remote, kProtocolEsp, ++last_ip_id)) {
      return Drop(true, Cause::kTooLong, {.header = &flight.header, .bundle = &bundle});
    }
    if (bundle.out_ah) {
      esp.Protect(now(), bundle.out_ah->id, std::move(done.packet), 0, Take(flight));
      return;
    }
  }
  ++statistics.out.packets;
  bundle.out_bytes += done.packet->size();
  out.sent.push_back({bundle.port, std::move(done.packet)});
  CountBytes(bundle);
}

void Gateway::Impl::Open(PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || header->fragment()) return Drop(false, Cause::kLength, {.header = header ? &*header : nullptr});
  packet->TrimBack(packet->size() - header->total_length);
  Flight flight;
  flight.opening = true;
  flight.header = *header;
  if (header->protocol == kProtocolAh) {
    const auto ah = ReadAh(*packet);
    Bundle* bundle = ah ? bundles.FindInbound(SaProtocol::kAh, ah->spi) : nullptr;
    if (ah) {
      flight.spi = ah->spi;
      flight.sequence = ah->sequence;
    }
    if (bundle == nullptr)
      return Drop(false, ah ? Cause::kNoSa : Cause::kLength, KnownOf(flight, nullptr, SaProtocol::kAh));
    flight.connection = bundle->connection;
    esp.UnprotectAh(now(), std::move(packet), Take(flight));
    return;
  }
  if (header->protocol != kProtocolEsp) return Drop(false, Cause::kWrongSa, {.header = &*header});
  OpenEsp(nullptr, flight, std::move(packet));
}

// `outer`: the bundle whose AH was around it; null: ESP came alone.
void Gateway::Impl::OpenEsp(Bundle* outer, Flight flight, PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || packet->size() < header->header_length + kEspHeaderBytes)
    return Drop(false, Cause::kLength, {.header = &flight.header, .bundle = outer});
  flight.length = header->header_length;
  std::copy_n(packet->data().begin(), flight.length, flight.bytes.begin());
  packet->TrimFront(flight.length);
  flight.spi = Load32(packet->data().data());
  flight.sequence = Load32(packet->data().data() + 4);
  Bundle* bundle = bundles.FindInbound(SaProtocol::kEsp, flight.spi);
  const Known known = KnownOf(flight, bundle, SaProtocol::kEsp);
  if (bundle == nullptr) return Drop(false, Cause::kNoSa, known);
  if (bundle != outer && (outer != nullptr || bundle->in_ah)) return Drop(false, Cause::kWrongSa, known);
  flight.connection = bundle->connection;
  esp.Unprotect(now(), std::move(packet), Take(flight));
}

void Gateway::Impl::FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out) {
  const AgreedSas& agreed = bundle.agreed;
  const bool was_ah = bundle.in_ah && bundle.in_ah->id == done.sa;
  PacketPtr packet = std::move(done.packet);
  const Known known = KnownOf(flight, &bundle, was_ah ? SaProtocol::kAh : SaProtocol::kEsp);
  if (was_ah && bundle.in_esp) {
    if (done.next_header != kProtocolEsp) return Drop(false, Cause::kWrongSa, known);
    if (Wants(Topic::kPacket)) TellOpened(known, nullptr);
    return OpenEsp(&bundle, flight, std::move(packet));
  }
  // An SA is for its two ends; behind NAT the sender's address is the NAT's affair.
  if (flight.header.destination != agreed.local || (!agreed.nat_port && flight.header.source != agreed.remote))
    return Drop(false, Cause::kWrongSa, known);
  if (!bundle.transport()) {
    if (was_ah) packet->TrimFront(flight.header.header_length);
    if (done.next_header != kNextHeaderIpv4) {
      if (done.next_header != kNextHeaderNone) Drop(false, Cause::kWrongSa, known);
      return;
    }
  } else if (!was_ah) {
    const ByteSpan front = packet->Prepend(flight.length);
    if (front.empty()) return Drop(false, Cause::kTooLong, known);
    std::copy_n(flight.bytes.begin(), flight.length, front.begin());
    SetProtocol(packet->data(), done.next_header);
  }
  const auto inner = hal::ParseIpv4(packet->data());
  std::optional<AclPacket> seen = inner ? AclPacket::Read(packet->data()) : std::nullopt;
  if (!seen) return Drop(false, Cause::kLength, known);
  seen->later_fragment = false;
  // What came by an SA must be what that SA is for (RFC 2401 section 5.2.1).
  const Active* one = FindActive(bundle.policy);
  const bool manual = one != nullptr && one->policy.mode == PolicyMode::kManual;
  const bool later = inner->fragment_offset != 0;
  if (one == nullptr || (!manual && !Fits(bundle.flow(), Mirrored(*seen))) || (!later && !Permits(*one, *seen, true)))
    return Drop(false, Cause::kWrongSa, known);
  if (Wants(Topic::kPacket)) TellOpened(known, &*inner);
  ++statistics.in.packets;
  statistics.in.bytes += packet->size();
  bundle.in_bytes += packet->size();
  bundle.settled = {};
  if (heard.empty() || heard.back() != bundle.connection) heard.push_back(bundle.connection);
  out.delivered.push_back({bundle.port, std::move(packet)});
  CountBytes(bundle);
}

void Gateway::Impl::Finish(GatewayOutput& out) {
  for (;;) {
    esp.Flush();
    finished.clear();
    esp.Poll(finished);
    if (finished.empty()) break;
    std::vector<Finished> round = std::exchange(finished, {});
    for (Finished& done : round) {
      const auto place = static_cast<std::uint32_t>(done.context);
      Flight flight = flights[place];
      free_flights.push_back(place);
      const auto found = bundles.all().find(flight.connection);
      if (done.drop != ipsec::Drop::kNone || found == bundles.all().end()) {
        const Bundle* bundle = found == bundles.all().end() ? nullptr : found->second.get();
        Known known = KnownOf(flight, bundle, AtWork(bundle, flight.opening, done.sa));
        known.detail = done.drop;
        Drop(!flight.opening, done.drop == ipsec::Drop::kNone ? Cause::kNoSa : CauseOf(done.drop), known);
      } else if (flight.opening) {
        FinishOpened(flight, *found->second, done, out);
      } else {
        FinishSealed(flight, *found->second, done, out);
      }
    }
    finished = std::move(round);
  }
}

}  // namespace sw::ipsec
