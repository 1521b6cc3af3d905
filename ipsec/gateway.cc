#include "ipsec/gateway.h"

#include <algorithm>
#include <utility>

#include "hal/base/state.h"
#include "ipsec/flights.h"
#include "ipsec/fragment_verdicts.h"
#include "ipsec/gateway_report.h"
#include "ipsec/ip_header.h"
#include "ipsec/key_requests.h"
#include "ipsec/policy_table.h"
#include "ipsec/sa_store.h"
#include "ipsec/selector.h"

namespace sw::ipsec {
namespace {

constexpr std::uint16_t kIkePort = 500, kIkeNatPort = 4500;
constexpr std::size_t kLeastMtu = 576;  // RFC 1191: nothing smaller is believed
constexpr Duration kPathMtuAge = std::chrono::minutes(10);

// Key management itself, and what is protected already, is never protected (again).
bool Bypasses(const hal::Ipv4Header& header, const Packet& packet) {
  if (header.protocol == kProtocolEsp || header.protocol == kProtocolAh) return true;
  if (header.protocol != hal::kProtocolUdp || header.fragment_offset != 0) return false;
  const ByteView udp = packet.data().subspan(header.header_length);
  if (udp.size() < hal::kUdpHeaderSize) return false;
  const std::uint16_t from = Load16(&udp[0]), to = Load16(&udp[2]);
  return from == kIkePort || from == kIkeNatPort || to == kIkePort || to == kIkeNatPort;
}

// A packet as policies see it: a datagram is selected as a whole. nullopt: they have no say in it.
struct Seen {
  hal::Ipv4Header header;
  AclPacket packet;
};
std::optional<Seen> See(const PortPolicies& port, const Packet& packet) {
  const auto header = hal::ParseIpv4(packet.data());
  std::optional<AclPacket> seen = header ? AclPacket::Read(packet.data()) : std::nullopt;
  if (!seen || Bypasses(*header, packet)) return std::nullopt;
  seen->interface = port.settings.interface;
  seen->later_fragment = false;
  return Seen{*header, *seen};
}

}  // namespace

struct Gateway::Parts {
  explicit Parts(GatewayServices s) : services(std::move(s)) {}

  const ActivePolicy* PolicyFor(const PortPolicies& port, const Seen& seen, bool& decided);
  bool Outbound(const PortPolicies& port, PacketPtr& packet, GatewayOutput& out);  // false: leave it
  void Follow(const PolicyTable::Changes& changes);  // SAs go and come with their policies
  bool MayPass(const PortPolicies& port, const Packet& packet);                    // unprotected, inwards
  void Done() {                                                                    // the packets at hand are
    sas.EndWorn();
    requests.Fire();
  }
  BundleView View(const Bundle& bundle, const ActivePolicy& one) const;

  const GatewayServices services;
  Esp esp{services.crypto, services.random};
  BundleTable bundles;
  PolicyTable policies{services.acl, bundles};
  GatewayReport report{services, policies};
  KeyRequests requests{policies, bundles};
  SaStore sas{services, esp, bundles, policies, report, requests};
  Flights flights{services, esp, bundles, policies, sas, requests, report};
  FragmentVerdicts fragments;
};

// Later fragments go where the first one went; `decided`: where that is known.
const ActivePolicy* Gateway::Parts::PolicyFor(const PortPolicies& port, const Seen& seen, bool& decided) {
  const hal::Ipv4Header& header = seen.header;
  const int number = port.settings.port;
  const Time now = services.now();
  decided = header.fragment_offset == 0;
  const auto known = decided ? std::nullopt : fragments.Find(now, number, header);
  if (known) decided = true;
  if (known == FragmentVerdicts::kClear) return nullptr;
  const ActivePolicy* one = known ? policies.Find(*known) : nullptr;
  const bool index = policies.fast.enabled() && !header.fragment();
  if (one == nullptr) one = index ? policies.SelectFast(port, seen.packet) : policies.Select(port, seen.packet, false);
  if (header.more_fragments && header.fragment_offset == 0)
    fragments.Remember(now, number, header, one == nullptr ? FragmentVerdicts::kClear : one->id);
  return one;
}

bool Gateway::Parts::Outbound(const PortPolicies& port, PacketPtr& packet, GatewayOutput& out) {
  const std::optional<Seen> seen = See(port, *packet);
  if (!seen) return false;
  const hal::Ipv4Header& header = seen->header;
  const bool telling = report.Wants(GatewayTopic::kMisc);
  bool decided = false;
  const ActivePolicy* one = PolicyFor(port, *seen, decided);
  if (one == nullptr && decided) {
    if (telling) report.TellLookup(port, one, header, "no policy permits it, it is sent unprotected");
    return false;
  }
  Bundle* bundle = one == nullptr ? nullptr : sas.Sender(*one, seen->packet);
  if (bundle != nullptr) {
    ++bundle->matched;
    requests.Sending(*bundle);
    flights.Seal(port, *bundle, header, std::move(packet), out);
    return true;
  }
  if (one == nullptr) {  // it might belong to a protected datagram
    if (telling) report.TellLookup(port, one, header, "a fragment came before its first one, it is dropped");
    report.Dropped(true, Cause::kNoSa, {.header = &header});
  } else {
    if (telling) report.TellLookup(port, one, header, "has no SAs for it, it is dropped");
    report.Dropped(true, Cause::kNoSa, {.header = &header, .policy = one->id});
    if (one->policy.mode == PolicyMode::kIsakmp) requests.Want(*one, nullptr);
  }
  packet.reset();
  return true;
}

bool Gateway::Parts::MayPass(const PortPolicies& port, const Packet& packet) {
  const std::optional<Seen> seen = See(port, packet);
  const ActivePolicy* one = seen ? policies.Select(port, seen->packet, true) : nullptr;
  if (one == nullptr) return true;
  if (report.Wants(GatewayTopic::kMisc))
    report.TellLookup(port, one, seen->header, "wants it protected, it came unprotected and is dropped");
  report.Count(false, Cause::kWrongSa);
  ++report.statistics.clear_dropped;
  return false;
}

Gateway::Gateway(GatewayServices services) : parts_(std::make_unique<Parts>(std::move(services))) {}
Gateway::~Gateway() = default;

void Gateway::SetKeyManager(KeyManager* manager) {
  parts_->requests.SetKeyManager(manager);
}

void Gateway::Parts::Follow(const PolicyTable::Changes& changes) {
  for (const std::uint64_t id : changes.gone)
    for (Bundle* bundle : std::vector<Bundle*>(bundles.OfPolicy(id)))
      sas.Remove(*bundle, true, "its policy has changed");
  for (const std::uint64_t id : changes.fresh)
    if (const ActivePolicy* one = policies.Find(id); one->manual()) sas.InstallManual(*one);
}

void Gateway::Configure(std::vector<ProtectedPort> wanted) {
  parts_->Follow(parts_->policies.Configure(std::move(wanted)));
}
void Gateway::SetPort(ProtectedPort port) {
  parts_->Follow(parts_->policies.SetPort(std::move(port)));
}
void Gateway::RemovePort(int port) {
  parts_->Follow(parts_->policies.RemovePort(port));
}

SecretBytes Gateway::Save() {
  StateWriter state(parts_->services.now());
  state(parts_->sas, parts_->report.statistics);
  return state.Take();
}
bool Gateway::Restore(ByteView saved) {
  StateReader state(saved, parts_->services.now());
  state(parts_->sas, parts_->report.statistics);
  return state.done();
}

void Gateway::Outbound(int number, std::vector<PacketPtr>& burst, GatewayOutput& out) {
  const PortPolicies* port = parts_->policies.FindPort(number);
  if (port == nullptr) return;
  std::size_t kept = 0;
  for (PacketPtr& packet : burst) {
    if (!parts_->Outbound(*port, packet, out)) burst[kept++] = std::move(packet);
  }
  burst.resize(kept);
  Poll(out);
}

void Gateway::Inbound(int number, std::vector<PacketPtr>& burst) {
  const PortPolicies* port = parts_->policies.FindPort(number);
  if (port == nullptr) return;
  std::erase_if(burst, [&](const PacketPtr& packet) { return !parts_->MayPass(*port, *packet); });
}

void Gateway::Receive(std::vector<PacketPtr>& burst, GatewayOutput& out) {
  for (PacketPtr& packet : burst) parts_->flights.Open(std::move(packet));
  burst.clear();
  Poll(out);
}

void Gateway::ReceiveUdp(Ipv4 local, Endpoint remote, PacketPtr packet, GatewayOutput& out) {
  parts_->flights.OpenUdp(local, remote, std::move(packet));
  Poll(out);
}

void Gateway::Poll(GatewayOutput& out) {
  parts_->flights.Finish(out);
  parts_->Done();
}

// The quote is of an unprotected message: it only ever lowers what we send, for a while, and never below the least that
// every link takes.
void Gateway::PathMtu(ByteView quoted, std::size_t mtu) {
  if (quoted.size() < hal::kIpv4HeaderSize || quoted[0] >> 4 != 4) return;
  const std::size_t header = std::size_t{4} * (quoted[0] & 0xf);
  const SaProtocol protocol = quoted[9] == kProtocolAh ? SaProtocol::kAh : SaProtocol::kEsp;
  const std::size_t spi_at = header + (protocol == SaProtocol::kAh ? 4 : 0);
  if ((quoted[9] != kProtocolEsp && quoted[9] != kProtocolAh) || quoted.size() < spi_at + 4) return;
  const Ipv4 remote(Load32(&quoted[16]));
  Bundle* bundle = parts_->bundles.FindOutbound(protocol, Load32(&quoted[spi_at]), remote);
  if (bundle == nullptr || mtu < kLeastMtu) return;
  parts_->report.Say(GatewayTopic::kMisc, "the path to {} takes {} bytes", remote.ToString(), mtu);
  bundle->path_mtu = mtu;
  bundle->path_mtu_until = parts_->services.now() + kPathMtuAge;
}

Time Gateway::deadline() const {
  return parts_->sas.deadline();
}
void Gateway::OnTimer() {
  parts_->sas.OnTimer();
  parts_->Done();
}

// ---------------------------------------------------------------------------------------------- key management

std::uint32_t Gateway::AllocateSpi(SaProtocol protocol) {
  return parts_->esp.AllocateSpi(protocol);
}
Result<Accepted> Gateway::Judge(const Offer& offer) {
  Result<Accepted> out = parts_->policies.Judge(offer);
  if (!out.ok()) parts_->report.Say(GatewayTopic::kMisc, "an offer of peer {} is refused: {}", offer.peer, out.why());
  return out;
}
void Gateway::Install(AgreedSas sas) {
  parts_->sas.Install(std::move(sas));
}
void Gateway::Prepare(AgreedSas sas) {
  parts_->sas.Prepare(std::move(sas));
}
void Gateway::Confirmed(SaProtocol protocol, std::uint32_t inbound_spi) {
  parts_->sas.Confirmed(protocol, inbound_spi);
}
void Gateway::Abandoned(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = parts_->bundles.FindInbound(protocol, inbound_spi))
    parts_->sas.Remove(*bundle, true, "the peer has not confirmed it");
}
void Gateway::Deleted(SaProtocol protocol, std::uint32_t inbound_spi) {
  if (Bundle* bundle = parts_->bundles.FindInbound(protocol, inbound_spi))
    parts_->sas.Remove(*bundle, false, "deleted by the peer");
}
void Gateway::PeerLost(const std::string& peer, Ipv4 remote) {
  std::vector<Bundle*> lost;
  for (const auto& [connection, bundle] : parts_->bundles.all())
    if (bundle->agreed.peer == peer && bundle->agreed.remote == remote) lost.push_back(bundle.get());
  for (Bundle* bundle : lost) parts_->sas.Remove(*bundle, false, "the peer is lost");
}
void Gateway::Failed(const Wish& wish, const std::string& reason) {
  parts_->report.Say(GatewayTopic::kSa, "no SAs with peer {}: {}", wish.peer, reason);
  for (Bundle* bundle : parts_->bundles.OfPolicy(wish.policy))
    if (bundle->flow() == wish.flow && bundle->hard_bytes != 0) bundle->renewing = false;
}

std::size_t Gateway::Reset(const Which& which) {
  std::vector<Bundle*> chosen;
  for (const auto& [connection, bundle] : parts_->bundles.all()) {
    const ActivePolicy* one = parts_->policies.Find(bundle->policy);
    if (which.remote && bundle->agreed.remote != *which.remote) continue;
    if (!which.policy.empty() && (one == nullptr || one->policy.name != which.policy)) continue;
    if (which.number && (one == nullptr || one->policy.number != *which.number)) continue;
    if (which.protocol) {
      const auto& sa = *which.protocol == SaProtocol::kAh ? bundle->out_ah : bundle->out_esp;
      if (!sa || sa->spi != which.outbound_spi) continue;
    }
    chosen.push_back(bundle.get());
  }
  for (Bundle* bundle : chosen) {
    const std::uint64_t policy = bundle->policy;
    parts_->sas.Remove(*bundle, true, "reset");
    const ActivePolicy* one = parts_->policies.Find(policy);
    if (one != nullptr && one->manual()) parts_->sas.InstallManual(*one);
  }
  return chosen.size();
}

// ---------------------------------------------------------------------------------------------- views

void Gateway::SetFastSwitch(bool on) {
  parts_->policies.fast.Enable(on);
}
void Gateway::ForgetFastSwitch() {
  parts_->policies.fast.Forget();
}

std::vector<FastFlowView> Gateway::fast_flows() const {
  std::vector<FastFlowView> out;
  for (const FastIndex::Entry& entry : parts_->policies.fast.entries()) {
    const ActivePolicy* one = parts_->policies.Find(entry.policy);
    if (one == nullptr) continue;
    const FastIndex::Flow& flow = entry.flow;
    out.push_back({parts_->policies.PortOf(*one).interface, flow.source, flow.destination, flow.protocol,
                   flow.source_port, flow.destination_port, one->policy.name, one->policy.number, entry.hits});
  }
  return out;
}

BundleView Gateway::Parts::View(const Bundle& bundle, const ActivePolicy& one) const {
  const AgreedSas& agreed = bundle.agreed;
  const ProtectedPort& port = policies.PortOf(one);
  const Time now = services.now();
  BundleView view;
  view.connection = bundle.connection;
  view.interface = port.interface;
  view.policy = one.policy.name;
  view.number = one.policy.number;
  view.mode = one.policy.mode;
  view.peer = agreed.peer;
  view.protection = agreed.protection;
  view.pfs = one.policy.pfs;
  view.local = agreed.local;
  view.remote = agreed.remote;
  view.flow = (one.manual() ? policies.FlowOf(one) : std::nullopt).value_or(agreed.flow);
  view.nat_port = agreed.nat_port;
  view.path_mtu = bundle.path_mtu != 0 && bundle.path_mtu_until > now ? bundle.path_mtu : port.mtu;
  view.matched = bundle.matched;
  view.lifetime = agreed.lifetime;
  if (bundle.hard != Time::Never())
    view.seconds_left = std::chrono::duration_cast<std::chrono::seconds>(bundle.hard - now).count();
  const std::uint64_t used = std::max(bundle.in_bytes, bundle.out_bytes);
  view.bytes_left = bundle.hard_bytes > used ? bundle.hard_bytes - used : 0;
  const auto show = [this](const std::optional<InstalledSa>& sa) -> std::optional<SaView> {
    const auto info = sa ? esp.Info(sa->id) : std::nullopt;
    if (!info) return std::nullopt;
    return SaView{info->spi, info->sequence, info->counters.packets, info->counters.bytes, info->counters.drops};
  };
  view.in_esp = show(bundle.in_esp);
  view.in_ah = show(bundle.in_ah);
  view.out_esp = show(bundle.out_esp);
  view.out_ah = show(bundle.out_ah);
  return view;
}

std::vector<BundleView> Gateway::bundles() const {
  std::vector<BundleView> out;
  for (const auto& [connection, bundle] : parts_->bundles.all()) {
    const ActivePolicy* one = parts_->policies.Find(bundle->policy);
    if (one != nullptr && bundle->settled != Time::Never()) out.push_back(parts_->View(*bundle, *one));
  }
  return out;
}

const Statistics& Gateway::statistics() const {
  return parts_->report.statistics;
}
void Gateway::ResetStatistics() {
  parts_->report.statistics = {};
}

}  // namespace sw::ipsec
