// Packets of the gateway: which SAs each takes.
#include "ipsec/gateway.h"

#include <algorithm>
#include <utility>

#include "ipsec/esp_codec.h"
#include "ipsec/gateway_impl.h"

namespace sw::ipsec {
namespace {

constexpr std::uint16_t kIkePort = 500, kIkeNatPort = 4500;
constexpr std::size_t kLeastMtu = 576;  // RFC 1191: nothing smaller is believed
constexpr Duration kPathMtuAge = std::chrono::minutes(10);

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
    if ((*it)->settled == Time::Never()) continue;
    if (unsettled == nullptr) unsettled = *it;
  }
  return unsettled;
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
    if (header->fragment_offset == 0 || known) {
      if (Wants(Topic::kMisc)) TellLookup(port, one, *header, "no policy permits it, it goes in clear");
      return false;
    }
    // It might belong to a protected datagram.
    if (Wants(Topic::kMisc)) TellLookup(port, one, *header, "a fragment came before its first one, it is dropped");
    Drop(true, Cause::kNoSa, {.header = &*header});
    packet.reset();
    return true;
  }
  Bundle* bundle = Sender(*one, *seen);
  if (bundle == nullptr) {
    if (Wants(Topic::kMisc)) TellLookup(port, one, *header, "has no SAs for it, it is dropped");
    Drop(true, Cause::kNoSa, {.header = &*header, .policy = one->id});
    if (one->policy.mode == PolicyMode::kIsakmp) Want(*one, nullptr);
    packet.reset();
    return true;
  }
  ++bundle->matched;
  if (told.empty() || told.back() != bundle->connection) told.push_back(bundle->connection);
  Seal(port, *bundle, *header, std::move(packet), out);
  return true;
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
    const Impl::Active* one = impl_->Select(port->second, *seen, true);
    if (one == nullptr) return false;
    if (impl_->Wants(Topic::kMisc))
      impl_->TellLookup(port->second, one, *header, "wants it protected, it came in clear and is dropped");
    impl_->Count(false, Cause::kWrongSa);
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
  Impl::Flight flight;
  flight.opening = true;
  flight.header.source = remote.address;
  flight.header.destination = local;
  flight.header.protocol = kProtocolEsp;
  flight.header.total_length = hal::kIpv4HeaderSize + bytes.size();
  if (bytes.size() >= kEspHeaderBytes) {
    flight.spi = Load32(&bytes[0]);
    flight.sequence = Load32(&bytes[4]);
  }
  const Bundle* bundle = flight.spi == 0 ? nullptr : impl_->bundles.FindInbound(SaProtocol::kEsp, flight.spi);
  if (bundle == nullptr || bundle->in_ah || !bundle->agreed.nat_port)
    return impl_->Drop(false, bundle == nullptr ? Cause::kNoSa : Cause::kWrongSa,
                       {.header = &flight.header, .bundle = bundle, .spi = flight.spi, .sequence = flight.sequence});
  flight.connection = bundle->connection;
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
  Bundle* bundle = impl_->bundles.FindOutbound(protocol, Load32(&quoted[spi_at]), Ipv4(Load32(&quoted[16])));
  if (bundle == nullptr || mtu < kLeastMtu) return;
  impl_->Say(Topic::kMisc, "the path to {} takes {} bytes", bundle->agreed.remote.ToString(), mtu);
  bundle->path_mtu = mtu;
  bundle->path_mtu_until = impl_->now() + kPathMtuAge;
}

void Gateway::SetFastSwitch(bool on) {
  impl_->fast.Enable(on);
}
void Gateway::ForgetFastSwitch() {
  impl_->fast.Forget();
}
void Gateway::ResetStatistics() {
  impl_->statistics = {};
}

}  // namespace sw::ipsec
