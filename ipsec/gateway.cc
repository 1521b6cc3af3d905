// Packets of the gateway: which SAs a packet takes, and its way through them.
#include "ipsec/gateway.h"

#include <algorithm>
#include <utility>

#include "ipsec/ah_codec.h"
#include "ipsec/esp_codec.h"
#include "ipsec/gateway_impl.h"

namespace sw::ipsec {
namespace {

constexpr std::uint16_t kIkePort = 500, kIkeNatPort = 4500;
constexpr std::size_t kLeastMtu = 576;  // RFC 1191: nothing smaller is believed
constexpr Duration kPathMtuAge = std::chrono::minutes(10);

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

}  // namespace

bool Gateway::Impl::Permits(const Active& one, const AclPacket& packet, bool arriving) const {
  const AclPacket seen = arriving ? Mirrored(packet) : packet;
  if (one.policy.mode == PolicyMode::kTemplate) {
    const auto& sas = bundles.OfPolicy(one.id);
    return std::ranges::any_of(sas, [&seen](const Bundle* bundle) { return Fits(bundle->flow(), seen); });
  }
  Acl* acl = services.acl(one.policy.acl);
  if (acl == nullptr) return false;
  const AclVerdict verdict = arriving ? acl->Peek(seen) : acl->Match(seen);
  return verdict.decision == AclDecision::kPermit;
}

Gateway::Impl::Active* Gateway::Impl::Select(Port& port, const AclPacket& packet, bool arriving) {
  for (const std::uint64_t id : port.group) {
    Active& one = active.at(id);
    if (Permits(one, packet, arriving)) return &one;
  }
  return nullptr;
}

Gateway::Impl::Active* Gateway::Impl::SelectFast(Port& port, const AclPacket& packet) {
  const FastIndex::Flow flow = FastIndex::Flow::Of(port.settings.port, packet);
  if (const std::uint64_t known = fast.Find(flow); known != 0) return FindActive(known);
  Active* one = Select(port, packet, false);
  if (one != nullptr) fast.Remember(flow, one->id);
  return one;
}

// Key management itself, and what is protected already, is never protected (again).
bool Gateway::Impl::Bypasses(const hal::Ipv4Header& header, const Packet& packet) const {
  if (header.protocol == kProtocolEsp || header.protocol == kProtocolAh) return true;
  if (header.protocol != hal::kProtocolUdp || header.fragment_offset != 0) return false;
  const ByteView udp = packet.data().subspan(header.header_length);
  if (udp.size() < hal::kUdpHeaderSize) return false;
  const std::uint16_t from = Load16(&udp[0]), to = Load16(&udp[2]);
  return from == kIkePort || from == kIkeNatPort || to == kIkePort || to == kIkeNatPort;
}

Bundle* Gateway::Impl::Sender(const Active& one, const AclPacket& packet) {
  const std::vector<Bundle*>& sas = bundles.OfPolicy(one.id);
  Bundle* unsettled = nullptr;
  for (auto it = sas.rbegin(); it != sas.rend(); ++it) {
    if (one.policy.mode != PolicyMode::kManual && !Fits((*it)->flow(), packet)) continue;
    if ((*it)->settled <= now()) return *it;
    if (unsettled == nullptr) unsettled = *it;
  }
  return unsettled;
}

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

bool Gateway::Impl::Outbound(Port& port, PacketPtr& packet, GatewayOutput& out) {
  const auto header = hal::ParseIpv4(packet->data());
  std::optional<AclPacket> seen = header ? AclPacket::Read(packet->data()) : std::nullopt;
  if (!seen || Bypasses(*header, *packet)) return false;
  seen->interface = port.settings.interface;
  seen->later_fragment = false;  // a datagram is selected as a whole
  Active* one = nullptr;
  const auto known = header->fragment_offset != 0 ? fragments.Find(now(), port.settings.port, *header) : std::nullopt;
  if (known) {
    if (*known == FragmentVerdicts::kClear) return false;
    one = FindActive(*known);
  }
  const bool index = fast.enabled() && !header->fragment();
  if (one == nullptr) one = index ? SelectFast(port, *seen) : Select(port, *seen, false);
  if (header->more_fragments && header->fragment_offset == 0)
    fragments.Remember(now(), port.settings.port, *header, one == nullptr ? FragmentVerdicts::kClear : one->id);
  if (one == nullptr) {
    if (header->fragment_offset == 0 || known) return false;
    Drop(true, Cause::kNoSa);  // a fragment that came before its first one: it might belong to a protected datagram
    packet.reset();
    return true;
  }
  Bundle* bundle = Sender(*one, *seen);
  if (bundle == nullptr) {
    Drop(true, Cause::kNoSa);
    if (one->policy.mode == PolicyMode::kIsakmp) Want(*one, nullptr);
    packet.reset();
    return true;
  }
  ++bundle->matched;
  if (told.empty() || told.back() != bundle->connection) told.push_back(bundle->connection);
  Seal(port, *bundle, *header, std::move(packet), out);
  return true;
}

void Gateway::Impl::Seal(Port& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet,
                         GatewayOutput& out) {
  packet->TrimBack(packet->size() - header.total_length);
  const std::size_t room = InnerRoom(port, bundle);
  if (packet->size() > room && header.dont_fragment) {
    Drop(true, Cause::kTooLong);
    if (PacketPtr error = FragmentationNeeded(services.packets, *packet, port.settings.address, room))
      out.sent.push_back({port.settings.port, std::move(error)});
    return;
  }
  // Transport mode is for whole datagrams between the ends themselves (RFC 2401 section 4.1).
  const AgreedSas& agreed = bundle.agreed;
  if (bundle.transport() &&
      (header.fragment() || header.source != agreed.local || header.destination != agreed.remote)) {
    return Drop(true, Cause::kWrongSa);
  }
  Flight flight;
  flight.connection = bundle.connection;
  flight.header = header;
  statistics.out.bytes += packet->size();
  if (!bundle.out_esp) {
    if (!bundle.transport() &&
        !PrependOuter(*packet, header, agreed.local, agreed.remote, kProtocolIpip, ++last_ip_id)) {
      return Drop(true, Cause::kTooLong);
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
  if (was_esp && agreed.nat_port) {  // a peer behind NAT gets ESP alone, AH cannot cross it
    ++statistics.out.packets;
    bundle.out_bytes += done.packet->size();
    out.udp.push_back({agreed.local, {agreed.remote, *agreed.nat_port}, std::move(done.packet)});
    return CountBytes(bundle);
  }
  if (was_esp) {
    if (bundle.transport()) {
      const ByteSpan front = done.packet->Prepend(flight.length);
      if (front.empty()) return Drop(true, Cause::kTooLong);
      std::copy_n(flight.bytes.begin(), flight.length, front.begin());
      SetProtocol(done.packet->data(), kProtocolEsp);
    } else if (!PrependOuter(*done.packet, flight.header, agreed.local, agreed.remote, kProtocolEsp, ++last_ip_id)) {
      return Drop(true, Cause::kTooLong);
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
  if (!header || header->fragment()) return Drop(false, Cause::kLength);
  packet->TrimBack(packet->size() - header->total_length);
  Flight flight;
  flight.opening = true;
  flight.header = *header;
  if (header->protocol == kProtocolAh) {
    const auto ah = ReadAh(*packet);
    Bundle* bundle = ah ? bundles.FindInbound(SaProtocol::kAh, ah->spi) : nullptr;
    if (bundle == nullptr) return Drop(false, ah ? Cause::kNoSa : Cause::kLength);
    flight.connection = bundle->connection;
    esp.UnprotectAh(now(), std::move(packet), Take(flight));
    return;
  }
  if (header->protocol != kProtocolEsp) return Drop(false, Cause::kWrongSa);
  OpenEsp(nullptr, flight, std::move(packet));
}

// `outer`: the bundle whose AH was around it; null: ESP came alone.
void Gateway::Impl::OpenEsp(Bundle* outer, Flight flight, PacketPtr packet) {
  const auto header = hal::ParseIpv4(packet->data());
  if (!header || packet->size() < header->header_length + kEspHeaderBytes) return Drop(false, Cause::kLength);
  flight.length = header->header_length;
  std::copy_n(packet->data().begin(), flight.length, flight.bytes.begin());
  packet->TrimFront(flight.length);
  Bundle* bundle = bundles.FindInbound(SaProtocol::kEsp, Load32(packet->data().data()));
  if (bundle == nullptr) return Drop(false, Cause::kNoSa);
  if (bundle != outer && (outer != nullptr || bundle->in_ah)) return Drop(false, Cause::kWrongSa);
  flight.connection = bundle->connection;
  esp.Unprotect(now(), std::move(packet), Take(flight));
}

void Gateway::Impl::FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out) {
  const AgreedSas& agreed = bundle.agreed;
  const bool was_ah = bundle.in_ah && bundle.in_ah->id == done.sa;
  PacketPtr packet = std::move(done.packet);
  if (was_ah && bundle.in_esp) {
    if (done.next_header != kProtocolEsp) return Drop(false, Cause::kWrongSa);
    return OpenEsp(&bundle, flight, std::move(packet));
  }
  // An SA is for its two ends; behind NAT the sender's address is the NAT's affair.
  if (flight.header.destination != agreed.local || (!agreed.nat_port && flight.header.source != agreed.remote))
    return Drop(false, Cause::kWrongSa);
  if (!bundle.transport()) {
    if (was_ah) packet->TrimFront(flight.header.header_length);
    if (done.next_header != kNextHeaderIpv4) {
      if (done.next_header != kNextHeaderNone) Drop(false, Cause::kWrongSa);
      return;
    }
  } else if (!was_ah) {
    const ByteSpan front = packet->Prepend(flight.length);
    if (front.empty()) return Drop(false, Cause::kTooLong);
    std::copy_n(flight.bytes.begin(), flight.length, front.begin());
    SetProtocol(packet->data(), done.next_header);
  }
  const auto inner = hal::ParseIpv4(packet->data());
  std::optional<AclPacket> seen = inner ? AclPacket::Read(packet->data()) : std::nullopt;
  if (!seen) return Drop(false, Cause::kLength);
  seen->later_fragment = false;
  // What came by an SA must be what that SA is for (RFC 2401 section 5.2.1).
  const Active* one = FindActive(bundle.policy);
  const bool manual = one != nullptr && one->policy.mode == PolicyMode::kManual;
  const bool later = inner->fragment_offset != 0;
  if (one == nullptr || (!manual && !Fits(bundle.flow(), Mirrored(*seen))) || (!later && !Permits(*one, *seen, true)))
    return Drop(false, Cause::kWrongSa);
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
        Drop(!flight.opening, done.drop == ipsec::Drop::kNone ? Cause::kNoSa : CauseOf(done.drop));
      } else if (flight.opening) {
        FinishOpened(flight, *found->second, done, out);
      } else {
        FinishSealed(flight, *found->second, done, out);
      }
    }
    finished = std::move(round);
  }
}

Gateway::Gateway(Services services) : impl_(std::make_unique<Impl>(std::move(services))) {}
Gateway::~Gateway() = default;

void Gateway::SetKeyManager(KeyManager* manager) {
  impl_->keys = manager;
}

void Gateway::Outbound(int number, std::vector<PacketPtr>& burst, GatewayOutput& out) {
  const auto port = impl_->ports.find(number);
  if (port == impl_->ports.end() || port->second.group.empty()) return;
  std::size_t kept = 0;
  for (PacketPtr& packet : burst) {
    if (!impl_->Outbound(port->second, packet, out)) burst[kept++] = std::move(packet);
  }
  burst.resize(kept);
  impl_->Finish(out);
  impl_->FireWishes();
}

void Gateway::Inbound(int number, std::vector<PacketPtr>& burst) {
  const auto port = impl_->ports.find(number);
  if (port == impl_->ports.end() || port->second.group.empty()) return;
  std::erase_if(burst, [&](const PacketPtr& packet) {
    const auto header = hal::ParseIpv4(packet->data());
    std::optional<AclPacket> seen = header ? AclPacket::Read(packet->data()) : std::nullopt;
    if (!seen || impl_->Bypasses(*header, *packet)) return false;
    seen->interface = port->second.settings.interface;
    seen->later_fragment = false;
    if (impl_->Select(port->second, *seen, true) == nullptr) return false;
    impl_->Drop(false, Cause::kWrongSa);
    ++impl_->statistics.clear_dropped;
    return true;
  });
}

void Gateway::Receive(std::vector<PacketPtr>& burst, GatewayOutput& out) {
  for (PacketPtr& packet : burst) impl_->Open(std::move(packet));
  burst.clear();
  impl_->Finish(out);
  impl_->FireWishes();
}

void Gateway::ReceiveUdp(Ipv4 local, Endpoint remote, PacketPtr packet, GatewayOutput& out) {
  const ByteView bytes = packet->data();
  Bundle* bundle =
      bytes.size() < kEspHeaderBytes ? nullptr : impl_->bundles.FindInbound(SaProtocol::kEsp, Load32(bytes.data()));
  if (bundle == nullptr || bundle->in_ah || !bundle->agreed.nat_port)
    return impl_->Drop(false, bundle == nullptr ? Cause::kNoSa : Cause::kWrongSa);
  Impl::Flight flight;
  flight.opening = true;
  flight.connection = bundle->connection;
  flight.header.source = remote.address;
  flight.header.destination = local;
  flight.header.protocol = kProtocolEsp;
  flight.header.total_length = hal::kIpv4HeaderSize + bytes.size();
  flight.length = hal::kIpv4HeaderSize;
  hal::WriteIpv4(flight.bytes, flight.header);
  impl_->esp.Unprotect(impl_->now(), std::move(packet), impl_->Take(flight));
  impl_->Finish(out);
  impl_->FireWishes();
}

void Gateway::Poll(GatewayOutput& out) {
  impl_->Finish(out);
  impl_->FireWishes();
}

// The quote is of an unprotected message: it only ever lowers what we send, for a while, and never below the least that
// every link takes.
void Gateway::PathMtu(ByteView quoted, std::size_t mtu) {
  if (quoted.size() < hal::kIpv4HeaderSize || quoted[0] >> 4 != 4) return;
  const std::size_t header = std::size_t{4} * (quoted[0] & 0xf);
  const SaProtocol protocol = quoted[9] == kProtocolAh ? SaProtocol::kAh : SaProtocol::kEsp;
  const std::size_t spi_at = header + (protocol == SaProtocol::kAh ? 4 : 0);
  if ((quoted[9] != kProtocolEsp && quoted[9] != kProtocolAh) || quoted.size() < spi_at + 4) return;
  Bundle* bundle = impl_->bundles.FindOutbound(protocol, Load32(&quoted[spi_at]));
  if (bundle == nullptr || Ipv4(Load32(&quoted[16])) != bundle->agreed.remote || mtu < kLeastMtu) return;
  bundle->path_mtu = mtu;
  bundle->path_mtu_until = impl_->now() + kPathMtuAge;
}

std::vector<BundleView> Gateway::bundles() const {
  std::vector<BundleView> out;
  const Time now = impl_->now();
  for (const auto& [connection, bundle] : impl_->bundles.all()) {
    BundleView view;
    const Impl::Active* one = impl_->FindActive(bundle->policy);
    if (one == nullptr) continue;
    const AgreedSas& agreed = bundle->agreed;
    const ProtectedPort& port = impl_->ports.at(one->port).settings;
    view.connection = connection;
    view.interface = port.interface;
    view.policy = one->policy.name;
    view.number = one->policy.number;
    view.mode = one->policy.mode;
    view.peer = agreed.peer;
    view.protection = agreed.protection;
    view.pfs = one->policy.pfs;
    view.local = agreed.local;
    view.remote = agreed.remote;
    view.flow = agreed.flow;
    if (one->policy.mode == PolicyMode::kManual) {
      Acl* acl = impl_->services.acl(one->policy.acl);
      if (const auto flow = acl == nullptr ? std::nullopt : FlowOf(*acl)) view.flow = *flow;
    }
    view.nat_port = agreed.nat_port;
    view.path_mtu = bundle->path_mtu != 0 && bundle->path_mtu_until > now ? bundle->path_mtu : port.mtu;
    view.matched = bundle->matched;
    view.lifetime = agreed.lifetime;
    if (bundle->hard != Time::Never())
      view.seconds_left = std::chrono::duration_cast<std::chrono::seconds>(bundle->hard - now).count();
    const std::uint64_t used = std::max(bundle->in_bytes, bundle->out_bytes);
    view.bytes_left = bundle->hard_bytes > used ? bundle->hard_bytes - used : 0;
    const auto show = [this](const std::optional<InstalledSa>& sa) -> std::optional<SaView> {
      const auto info = sa ? impl_->esp.Info(sa->id) : std::nullopt;
      if (!info) return std::nullopt;
      return SaView{info->spi, info->sequence, info->counters.packets, info->counters.bytes, info->counters.drops};
    };
    view.in_esp = show(bundle->in_esp);
    view.in_ah = show(bundle->in_ah);
    view.out_esp = show(bundle->out_esp);
    view.out_ah = show(bundle->out_ah);
    out.push_back(std::move(view));
  }
  return out;
}

const Statistics& Gateway::statistics() const {
  return impl_->statistics;
}

void Gateway::SetFastSwitch(bool on) {
  impl_->fast.Enable(on);
}
void Gateway::ForgetFastSwitch() {
  impl_->fast.Forget();
}
std::vector<FastFlowView> Gateway::fast_flows() const {
  std::vector<FastFlowView> out;
  for (const FastIndex::Entry& entry : impl_->fast.entries()) {
    const Impl::Active* one = impl_->FindActive(entry.policy);
    if (one == nullptr) continue;
    const FastIndex::Flow& flow = entry.flow;
    out.push_back({impl_->ports.at(one->port).settings.interface, flow.source, flow.destination, flow.protocol,
                   flow.source_port, flow.destination_port, one->policy.name, one->policy.number, entry.hits});
  }
  return out;
}

void Gateway::ResetStatistics() {
  impl_->statistics = {};
}

}  // namespace sw::ipsec
