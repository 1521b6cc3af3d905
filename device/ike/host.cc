#include "device/ike/host.h"

#include <algorithm>
#include <utility>

namespace sw::device {
namespace {

namespace ike = ipsec::ike;

hal::Cipher CipherOf(const IkeProposalConfig& config) {
  switch (config.cipher) {
    case IkeCipher::kDes:
      return hal::Cipher::kDesCbc;
    case IkeCipher::k3Des:
      return hal::Cipher::k3DesCbc;
    case IkeCipher::kAes:
      break;
  }
  return config.key_bits == 256   ? hal::Cipher::kAesCbc256
         : config.key_bits == 192 ? hal::Cipher::kAesCbc192
                                  : hal::Cipher::kAesCbc;
}

hal::HashAlgorithm HashOf(IpsecHash hash) {
  switch (hash) {
    case IpsecHash::kMd5:
      return hal::HashAlgorithm::kMd5;
    case IpsecHash::kSha256:
      return hal::HashAlgorithm::kSha256;
    case IpsecHash::kNone:
    case IpsecHash::kSha1:
      break;
  }
  return hal::HashAlgorithm::kSha1;
}

ike::Phase1Proposal ProposalOf(const IkeProposalConfig& config) {
  return {config.number,        CipherOf(config),       HashOf(config.hash), static_cast<hal::DhGroup>(config.dh_group),
          config.rsa_signature, config.duration_seconds};
}

}  // namespace

ike::Settings IkeSettingsOf(const IpsecConfig& config, const std::string& sysname,
                            const std::function<void(const std::string&)>& trouble) {
  ike::Settings out;
  out.local_name = config.ike.local_name.empty() ? sysname : config.ike.local_name;
  for (const auto& [number, proposal] : config.ike_proposals) out.proposals.push_back(ProposalOf(proposal));
  out.proposals.push_back(ProposalOf({}));  // the built-in default has the lowest priority
  const auto seconds = [](int n) { return static_cast<std::uint32_t>(n); };
  out.keepalive_interval = seconds(config.ike.keepalive_interval);
  out.keepalive_timeout = seconds(config.ike.keepalive_timeout);
  out.nat_keepalive_interval = seconds(config.ike.nat_keepalive_interval);
  out.check_next_payload = config.ike.check_next_payload;
  std::map<std::string, std::shared_ptr<const hal::Credentials>> domains;
  for (const auto& [name, peer] : config.peers) {
    ike::PeerSettings p;
    p.name = name;
    p.aggressive = peer.aggressive;
    p.name_id = peer.id_name;
    if (peer.pre_shared_key.set()) {
      if (auto key = peer.pre_shared_key.Reveal()) {
        p.pre_shared_key = std::move(*key);
      } else {
        trouble("ike peer " + name + ": its pre-shared key cannot be revealed");
      }
    }
    p.remote_first = peer.remote_address;
    p.remote_last = peer.remote_high.empty() ? peer.remote_address : peer.remote_high;
    p.remote_name = peer.remote_name;
    p.local = peer.local_address;
    p.nat_traversal = peer.nat_traversal;
    if (const auto dpd = config.dpds.find(peer.dpd); dpd != config.dpds.end())
      p.dpd = ike::DpdSettings{seconds(dpd->second.interval_seconds), seconds(dpd->second.timeout_seconds)};
    if (const auto domain = config.pki_domains.find(peer.certificate_domain); domain != config.pki_domains.end()) {
      const PkiDomainConfig& pki = domain->second;
      auto& credentials = domains[pki.name];
      if (credentials == nullptr) {
        auto loaded = hal::Credentials::Load({pki.local_certificate, pki.private_key, pki.ca_certificate, pki.crl});
        if (loaded.ok()) {
          credentials = *loaded;
        } else {
          trouble("pki domain " + pki.name + ": " + loaded.why());
        }
      }
      p.credentials = credentials;
    }
    out.peers.emplace(name, std::move(p));
  }
  return out;
}

IkeHost::IkeHost(Services services)
    : services_(std::move(services)), timer_(services_.platform.scheduler(), [this] { engine_->OnTimer(); }) {
  if (!services_.trouble) services_.trouble = [](const std::string&) {};
  Scheduler& scheduler = services_.platform.scheduler();
  engine_ = std::make_unique<ike::Engine>(
      ike::Settings{},
      ike::EngineServices{services_.random, services_.owner, [&scheduler] { return scheduler.now(); },
                          [this](Endpoint local, Endpoint remote, Bytes bytes) { Send(local, remote, bytes); },
                          [this] { Arm(); }, services_.wall_clock, [this](Ipv4 remote) { return SourceFor(remote); },
                          services_.wants, services_.notify});
}

IkeHost::~IkeHost() = default;

void IkeHost::Configure(const IpsecConfig& config, const std::string& sysname) {
  wanted_ = !config.peers.empty();
  engine_->Configure(IkeSettingsOf(config, sysname, services_.trouble));
  Refresh();
}

void IkeHost::Refresh() {
  std::set<Endpoint> wanted;
  if (wanted_)
    for (const InterfaceStatus& interface : services_.platform.interfaces())
      for (const Prefix& prefix : interface.addresses)
        for (const std::uint16_t port : {ike::kPort, ike::kNatPort}) wanted.insert({prefix.address, port});
  std::erase_if(ports_, [&](const auto& port) { return !wanted.contains(port.first); });
  for (const Endpoint& local : wanted) {
    if (ports_.contains(local)) continue;
    auto port = services_.platform.OpenUdp(
        local, [this, local](std::vector<dvpn::Datagram>& burst) { Received(local, burst); });
    if (port.ok()) {
      (*port)->OnLarge([this, local](Endpoint from, ByteView bytes) { engine_->Receive(local, from, bytes); });
      ports_.emplace(local, std::move(*port));
      refused_.erase(local);
    } else if (refused_.insert(local).second) {
      services_.trouble("IKE port " + local.ToString() + ": " + port.why());
    }
  }
}

void IkeHost::Received(Endpoint local, std::vector<dvpn::Datagram>& burst) {
  for (dvpn::Datagram& datagram : burst) {
    const ByteView bytes = std::as_const(*datagram.packet).data();
    // RFC 3948 section 2: an SPI is never zero, the marker always.
    if (local.port == ike::kNatPort && bytes.size() >= 8 && Load32(bytes.data()) != 0) {
      if (on_esp_) on_esp_(local.address, datagram.peer, std::move(datagram.packet));
    } else {
      engine_->Receive(local, datagram.peer, bytes);
    }
  }
  burst.clear();
}

void IkeHost::Send(Endpoint local, Endpoint remote, ByteView bytes) {
  const auto port = ports_.find(local);
  if (port == ports_.end()) return;
  // What cannot be sent is lost as on any way: IKE sends it again.
  if (PacketPtr packet = services_.platform.packets().Copy(bytes)) {
    std::vector<dvpn::Datagram> burst;
    burst.push_back({remote, std::move(packet)});
    (void)port->second->Send(burst);
  } else {
    (void)port->second->SendLarge(remote, bytes);
  }
}

void IkeHost::SendEsp(Ipv4 local, Endpoint to, PacketPtr esp) {
  const auto port = ports_.find({local, ike::kNatPort});
  if (port == ports_.end()) return;
  std::vector<dvpn::Datagram> burst;
  burst.push_back({to, std::move(esp)});
  (void)port->second->Send(burst);
}

void IkeHost::Arm() {
  if (engine_ != nullptr) timer_.Follow(engine_->deadline());  // null: still being made
}

// The interface on whose network the other end is, or else the one of the best route.
Ipv4 IkeHost::SourceFor(Ipv4 remote) const {
  const std::vector<InterfaceStatus> interfaces = services_.platform.interfaces();
  const auto on = [&](Ipv4 address) -> Ipv4 {
    for (const InterfaceStatus& interface : interfaces)
      for (const Prefix& prefix : interface.addresses)
        if (prefix.Contains(address)) return prefix.address;
    return {};
  };
  if (const Ipv4 direct = on(remote); !direct.empty()) return direct;
  const RouteEntry* best = nullptr;
  const std::vector<RouteEntry> routes = services_.platform.routes();
  for (const RouteEntry& route : routes)
    if (route.destination.Contains(remote) && (best == nullptr || route.destination.length > best->destination.length))
      best = &route;
  return best == nullptr ? Ipv4() : on(best->next_hop);
}

}  // namespace sw::device
