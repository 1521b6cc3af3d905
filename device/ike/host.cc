#include "device/ike/host.h"

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

hal::HashAlgorithm HashOf(IkeHash hash) {
  switch (hash) {
    case IkeHash::kMd5:
      return hal::HashAlgorithm::kMd5;
    case IkeHash::kSha256:
      return hal::HashAlgorithm::kSha256;
    case IkeHash::kSha1:
      break;
  }
  return hal::HashAlgorithm::kSha1;
}

std::uint32_t Seconds(int number) {
  return static_cast<std::uint32_t>(number);
}

ike::Phase1Proposal ProposalOf(const IkeProposalConfig& config) {
  return {config.number,        CipherOf(config),       HashOf(config.hash), static_cast<hal::DhGroup>(config.dh_group),
          config.rsa_signature, config.duration_seconds};
}

}  // namespace

ike::Settings IkeSettingsOf(const IkeConfig& config, const std::string& sysname) {
  ike::Settings out;
  out.local_name = config.global.local_name.empty() ? sysname : config.global.local_name;
  for (const IkeProposalConfig& proposal : config.Offered()) out.proposals.push_back(ProposalOf(proposal));
  out.keepalive_interval = Seconds(config.global.keepalive_interval);
  out.keepalive_timeout = Seconds(config.global.keepalive_timeout);
  out.nat_keepalive_interval = Seconds(config.global.nat_keepalive_interval);
  out.check_next_payload = config.global.check_next_payload;
  return out;
}

ike::PeerSettings PeerSettingsOf(const IkeConfig& config, const IkePeerConfig& peer,
                                 std::shared_ptr<const hal::Credentials> credentials,
                                 const std::function<void(const std::string&)>& trouble) {
  ike::PeerSettings out;
  out.name = peer.name;
  out.aggressive = peer.aggressive;
  out.name_id = peer.id_name;
  if (peer.pre_shared_key.set()) {
    if (auto key = peer.pre_shared_key.Reveal()) {
      out.pre_shared_key = std::move(*key);
    } else {
      trouble("ike peer " + peer.name + ": its pre-shared key cannot be revealed");
    }
  }
  out.remote_first = peer.remote_address;
  out.remote_last = peer.remote_high.empty() ? peer.remote_address : peer.remote_high;
  out.remote_name = peer.remote_name;
  out.local = peer.local_address;
  out.nat_traversal = peer.nat_traversal;
  if (const auto dpd = config.dpds.find(peer.dpd); dpd != config.dpds.end())
    out.dpd = ike::DpdSettings{Seconds(dpd->second.interval_seconds), Seconds(dpd->second.timeout_seconds)};
  out.credentials = std::move(credentials);
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

std::shared_ptr<const hal::Credentials> IkeHost::CredentialsOf(const IkeConfig& config, const std::string& domain) {
  const auto found = config.pki_domains.find(domain);
  if (found == config.pki_domains.end()) return nullptr;
  auto& credentials = credentials_[domain];
  if (credentials != nullptr) return credentials;
  const PkiDomainConfig& pki = found->second;
  auto loaded = hal::Credentials::Load({pki.local_certificate, pki.private_key, pki.ca_certificate, pki.crl});
  if (loaded.ok()) {
    credentials = *loaded;
  } else {
    services_.trouble("pki domain " + pki.name + ": " + loaded.why());
  }
  return credentials;
}

void IkeHost::SetPeer(const IkeConfig& config, const IkePeerConfig& peer) {
  engine_->SetPeer(PeerSettingsOf(config, peer, CredentialsOf(config, peer.certificate_domain), services_.trouble));
}

void IkeHost::Configure(const IkeConfig& config, const std::string& sysname) {
  credentials_.clear();
  engine_->Configure(IkeSettingsOf(config, sysname));
  for (const auto& [name, peer] : config.peers) SetPeer(config, peer);
  wanted_ = !config.peers.empty();
  Refresh();
}

void IkeHost::Follow(const IkeConfig& config, const std::string& sysname, bool all,
                     const std::set<std::string>& peers) {
  credentials_.clear();
  if (all) engine_->ConfigureAllBut(IkeSettingsOf(config, sysname));
  for (const std::string& name : peers) {
    if (const auto peer = config.peers.find(name); peer != config.peers.end()) {
      SetPeer(config, peer->second);
    } else {
      engine_->RemovePeer(name);
    }
  }
  if (wanted_ == !config.peers.empty()) return;
  wanted_ = !wanted_;
  Refresh();
}

void IkeHost::Refresh() {
  std::set<std::string> names;
  for (const auto& [name, addresses] : addresses_) names.insert(name);
  if (wanted_) {
    for (const InterfaceStatus& interface : services_.platform.interfaces()) {
      std::set<Ipv4> own;
      for (const Prefix& prefix : interface.addresses) own.insert(prefix.address);
      SetAddresses(interface.name, std::move(own));
      names.erase(interface.name);
    }
  }
  for (const std::string& name : names) SetAddresses(name, {});
}

void IkeHost::RefreshInterfaces(const std::set<std::string>& names) {
  if (!wanted_) return;
  for (const std::string& name : names) {
    std::set<Ipv4> own;
    if (const auto interface = services_.platform.interface(name))
      for (const Prefix& prefix : interface->addresses) own.insert(prefix.address);
    SetAddresses(name, std::move(own));
  }
}

void IkeHost::SetAddresses(const std::string& interface, std::set<Ipv4> addresses) {
  const std::set<Ipv4> before = std::exchange(addresses_[interface], addresses);
  if (addresses.empty()) addresses_.erase(interface);
  for (const Ipv4 gone : before)
    if (const auto count = interfaces_.find(gone); --count->second == 0) interfaces_.erase(count);
  for (const Ipv4 own : addresses) ++interfaces_[own];
  for (const Ipv4 address : before) OpenOrClose(address);
  for (const Ipv4 address : addresses) OpenOrClose(address);
}

void IkeHost::OpenOrClose(Ipv4 address) {
  for (const std::uint16_t number : {ike::kPort, ike::kNatPort}) {
    const Endpoint local{address, number};
    if (!interfaces_.contains(address)) {
      ports_.erase(local);
      continue;
    }
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
