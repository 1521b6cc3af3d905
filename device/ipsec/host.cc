#include "device/ipsec/host.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "hal/failover/failover_device.h"
#include "ipsec/selector.h"

namespace sw::device {
namespace {

hal::Integrity IntegrityOf(IpsecHash hash) {
  static constexpr hal::Integrity kHashes[] = {hal::Integrity::kNone, hal::Integrity::kHmacMd5,
                                               hal::Integrity::kHmacSha1, hal::Integrity::kHmacSha256};
  return kHashes[static_cast<std::size_t>(hash)];
}

std::optional<hal::Cipher> CipherOf(const IpsecProposalConfig& proposal) {
  const int bits = proposal.esp_key_bits;
  switch (proposal.esp_cipher) {
    case IpsecCipher::kNone:
      return hal::Cipher::kNull;
    case IpsecCipher::kDes:
      return hal::Cipher::kDesCbc;
    case IpsecCipher::k3Des:
      return hal::Cipher::k3DesCbc;
    case IpsecCipher::kAes:
      return bits == 128 ? hal::Cipher::kAesCbc : bits == 192 ? hal::Cipher::kAesCbc192 : hal::Cipher::kAesCbc256;
    case IpsecCipher::kAesGcm:
      if (bits == 192) return std::nullopt;
      return bits == 128 ? hal::Cipher::kAesGcm128 : hal::Cipher::kAesGcm256;
  }
  return std::nullopt;
}

SecretBytes FromHex(const std::string& text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  SecretBytes out(text.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i)
    out.span()[i] = static_cast<std::uint8_t>(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
  return out;
}

std::optional<ipsec::SaKeys> KeysOf(const ManualSaConfig& sa, const ipsec::Protection& protection,
                                    ipsec::SaProtocol protocol) {
  ipsec::SaKeys keys;
  keys.spi = sa.spi;
  keys.keys =
      sa.text.empty() ? FromHex(sa.encryption + sa.authentication) : ipsec::KeysFromText(sa.text, protection, protocol);
  if (sa.spi == 0 || keys.keys.size() != ipsec::KeyBytes(protection, protocol)) return std::nullopt;
  return keys;
}

// The prefix that covers what a condition takes; a wildcard with holes covers more than that.
Prefix PrefixOf(const ipsec::AddressCondition& condition) {
  const int free = 32 - std::countl_zero(condition.wildcard.value);
  return Prefix{condition.address, static_cast<std::uint8_t>(32 - free)}.AsNetwork();
}
Prefix PrefixOf(const ipsec::AddressRange& range) {
  return PrefixOf(ipsec::AddressCondition{range.first, Ipv4(range.first.value ^ range.last.value)});
}

// The template's entries stand in the policy's place, in their own order, under the template's name.
std::vector<const IpsecPolicyConfig*> PoliciesOf(const IpsecConfig& config, const std::string& group) {
  std::vector<const IpsecPolicyConfig*> out;
  for (const IpsecPolicyConfig* policy : config.Group(group)) {
    if (policy->from_template.empty()) {
      out.push_back(policy);
    } else {
      for (const IpsecPolicyConfig* entry : config.Template(policy->from_template)) out.push_back(entry);
    }
  }
  return out;
}

}  // namespace

std::optional<ipsec::Protection> ProtectionOf(const IpsecProposalConfig& proposal) {
  ipsec::Protection out;
  out.transport = proposal.transport;
  if (proposal.ah()) out.ah = IntegrityOf(proposal.ah_hash);
  if (!proposal.esp()) return out;
  const auto cipher = CipherOf(proposal);
  if (!cipher) return std::nullopt;
  out.esp = ipsec::EspAlgorithms{*cipher, Info(*cipher).aead ? hal::Integrity::kAead : IntegrityOf(proposal.esp_hash)};
  return out;
}

Status Usable(const IpsecProposalConfig& proposal, const hal::FailoverDevice* card) {
  if (!proposal.for_card) return {};
  if (!proposal.card_assigned) return {Code::kNotFound, "no encryption card is assigned to it"};
  if (card == nullptr) return {Code::kNotFound, "this device has no encryption card"};
  const std::vector<hal::Capability>& offered = card->card().capabilities().transforms;
  const std::optional<ipsec::Protection> wanted = ProtectionOf(proposal);
  if (offered.empty() || !wanted) return {};
  const auto has = [&](hal::Cipher cipher, hal::Integrity integrity) {
    return std::ranges::any_of(
        offered, [&](const hal::Capability& c) { return c.cipher == cipher && c.integrity == integrity; });
  };
  const bool all = (!wanted->ah || has(hal::Cipher::kNull, *wanted->ah)) &&
                   (!wanted->esp || has(wanted->esp->cipher, wanted->esp->integrity));
  return all ? Status() : Status(Code::kUnsupported, "the encryption card does not offer its algorithms");
}

ipsec::Policy PolicyOf(const IpsecConfig& config, const IpsecPolicyConfig& policy, Ipv4 remote,
                       const hal::FailoverDevice* card) {
  ipsec::Policy out;
  out.name = policy.name;
  out.number = policy.number;
  out.mode = policy.mode == IpsecMode::kManual     ? ipsec::PolicyMode::kManual
             : policy.mode == IpsecMode::kTemplate ? ipsec::PolicyMode::kTemplate
                                                   : ipsec::PolicyMode::kIsakmp;
  out.acl = policy.acl;
  for (const std::string& name : policy.proposals) {
    const auto found = config.proposals.find(name);
    if (found == config.proposals.end() || !Usable(found->second, card).ok()) continue;
    const auto protection = ProtectionOf(found->second);
    if (protection) out.proposals.push_back(*protection);
  }
  if (policy.mode != IpsecMode::kManual) {
    out.peer = policy.ike_peer;
    out.pfs = static_cast<hal::DhGroup>(policy.pfs_group);
    out.lifetime = {policy.duration_seconds, policy.duration_kilobytes};
    out.remote = remote;
    return out;
  }
  out.local = policy.tunnel_local;
  out.remote = policy.tunnel_remote;
  if (out.proposals.empty()) return out;
  const ipsec::Protection& protection = out.proposals.front();
  if (protection.esp) {
    out.in_esp = KeysOf(policy.in_esp, protection, ipsec::SaProtocol::kEsp);
    out.out_esp = KeysOf(policy.out_esp, protection, ipsec::SaProtocol::kEsp);
  }
  if (protection.ah) {
    out.in_ah = KeysOf(policy.in_ah, protection, ipsec::SaProtocol::kAh);
    out.out_ah = KeysOf(policy.out_ah, protection, ipsec::SaProtocol::kAh);
  }
  return out;
}

IpsecHost::IpsecHost(Services services)
    : services_(services),
      timer_(services.platform.scheduler(),
             [this] {
               gateway_->OnTimer();
               Flush();
             }),
      queue_(services.crypto.Open()) {
  gateway_ = std::make_unique<ipsec::Gateway>(ipsec::GatewayServices{
      *queue_, services_.random, services_.platform.packets(), [this] { return services_.platform.scheduler().now(); },
      services_.acl, [this] { RefreshFlowsSoon(); },
      [this](ipsec::GatewayTopic topic) { return services_.monitor.debugging().wants(topic); },
      [this](const ipsec::GatewayEvent& event) {
        static constexpr std::array<std::string_view, 3> kDigests = {"SA", "PACKET", "MISC"};
        if (services_.monitor.debugging().wants(event))
          services_.monitor.Debug("IPSEC", kDigests[static_cast<std::size_t>(event.topic)], event.text);
      }});
}

void IpsecHost::RefreshFlowsSoon() {
  if (flows_timer_ != 0) return;
  Scheduler& scheduler = services_.platform.scheduler();
  flows_timer_ = scheduler.At(scheduler.now(), [this] {
    flows_timer_ = 0;
    RefreshFlows();
    timer_.Follow(gateway_->deadline());
  });
}

// The crypto engine may have packets of the gateway still; they go when it has given them back.
IpsecHost::~IpsecHost() {
  services_.platform.scheduler().Cancel(flows_timer_);
  ports_.clear();
  queue_->Drain();
}

IpsecHost::Port* IpsecHost::Find(int number) {
  for (auto& [name, port] : ports_)
    if (port.number == number) return &port;
  return nullptr;
}

void IpsecHost::Open(const std::string& interface, Port& port) {
  ProtectionHandlers handlers;
  const int number = port.number;
  handlers.outbound = [this, number](std::vector<PacketPtr>& burst) {
    gateway_->Outbound(number, burst, out_);
    Flush();
  };
  handlers.inbound = [this, number](std::vector<PacketPtr>& burst) {
    gateway_->Inbound(number, burst);
    Flush();
  };
  handlers.secured = [this](std::vector<PacketPtr>& burst) {
    gateway_->Receive(burst, out_);
    Flush();
  };
  handlers.too_large = [this](ByteView quoted, std::size_t mtu) { gateway_->PathMtu(quoted, mtu); };
  Result<std::unique_ptr<ProtectionPort>> opened = services_.platform.OpenProtection(interface, std::move(handlers));
  if (opened.ok()) {
    port.port = std::move(*opened);
  } else {
    services_.monitor.Log(Severity::kErrors, "IPSEC", "PORT", interface + ": " + opened.why());
  }
}

void IpsecHost::Protect(const IpsecConfig& config, const InterfaceConfig& interface) {
  Port& port = ports_[interface.name];
  if (port.number == 0) port.number = ++last_port_;
  if (!port.port) Open(interface.name, port);
  ipsec::ProtectedPort one;
  one.port = port.number;
  one.interface = interface.name;
  if (!interface.addresses.empty()) one.address = interface.addresses.front().address;
  const std::optional<InterfaceStatus> status = services_.platform.interface(interface.name);
  if (status && status->mtu != 0) one.mtu = static_cast<std::size_t>(status->mtu);
  port.lists.clear();
  port.negotiates_flows = false;
  for (const IpsecPolicyConfig* policy : PoliciesOf(config, interface.ipsec_policy)) {
    one.policies.push_back(PolicyOf(config, *policy, services_.remote(policy->ike_peer), services_.card));
    port.lists.push_back(policy->acl);
    port.negotiates_flows = port.negotiates_flows || policy->mode == IpsecMode::kTemplate;
    for (const std::string& name : policy->proposals)
      if (const auto proposal = config.proposals.find(name); proposal != config.proposals.end())
        SayUnusable(proposal->second);
  }
  gateway_->SetPort(std::move(one));
}

void IpsecHost::Release(const std::string& name) {
  const auto port = ports_.find(name);
  if (port == ports_.end()) return;
  const int number = port->second.number;
  ports_.erase(port);
  gateway_->RemovePort(number);
}

void IpsecHost::Follow(const IpsecConfig& config, const InterfacesConfig& interfaces,
                       const std::set<std::string>& names) {
  std::vector<const InterfaceConfig*> applied;
  bool released = false;
  for (const std::string& name : names) {
    const InterfaceConfig* interface = interfaces.Find(name);
    if (interface != nullptr && !interface->ipsec_policy.empty()) {
      applied.push_back(interface);
    } else if (ports_.contains(name)) {
      Release(name);
      released = true;
    }
  }
  if (applied.empty() && !released) return;
  for (const InterfaceConfig* interface : applied) {
    Protect(config, *interface);
    RefreshFlows(interface->name, ports_.at(interface->name));
  }
  Flush();
}

void IpsecHost::FollowAll(const IpsecConfig& config, const InterfacesConfig& interfaces) {
  std::set<std::string> names;
  for (const auto& [name, port] : ports_) names.insert(name);
  Follow(config, interfaces, names);
}

// Once for each reason, as long as it holds.
void IpsecHost::SayUnusable(const IpsecProposalConfig& proposal) {
  const Status usable = Usable(proposal, services_.card);
  if (usable.ok()) {
    unusable_.erase(proposal.name);
  } else if (std::string& before = unusable_[proposal.name]; before != usable.why()) {
    before = usable.why();
    services_.monitor.Log(Severity::kErrors, "IPSEC", "CARDPROPOSAL",
                          "ipsec card-proposal " + proposal.name + ": " + usable.why());
  }
}

void IpsecHost::FollowLists() {
  if (ports_.empty()) return;
  gateway_->ForgetFastSwitch();
  RefreshFlowsSoon();
}

void IpsecHost::RefreshFlows() {
  for (auto& [name, port] : ports_) RefreshFlows(name, port);
}

void IpsecHost::RefreshFlows(const std::string& interface, Port& port) {
  if (!port.port) return;
  std::vector<Prefix> flows;
  for (const int number : port.lists) {
    const ipsec::Acl* acl = services_.acl(number);
    if (acl == nullptr) continue;
    for (const ipsec::Acl::Entry& entry : acl->entries())
      if (entry.rule.permit) flows.push_back(PrefixOf(entry.rule.destination));
  }
  if (port.negotiates_flows)
    for (const ipsec::BundleView& bundle : gateway_->bundles())
      if (bundle.interface == interface && bundle.mode == ipsec::PolicyMode::kTemplate)
        flows.push_back(PrefixOf(bundle.flow.remote));
  std::ranges::sort(flows);
  flows.erase(std::unique(flows.begin(), flows.end()), flows.end());
  port.port->SetFlows(flows);
}

void IpsecHost::ReceiveUdp(Ipv4 local, Endpoint from, PacketPtr esp) {
  gateway_->ReceiveUdp(local, from, std::move(esp), out_);
  Flush();
}

bool IpsecHost::Restore(ByteView saved) {
  const bool restored = gateway_->Restore(saved);
  Flush();
  return restored;
}

SecretBytes IpsecHost::Save() {
  queue_->Drain();
  PollCrypto();
  return gateway_->Save();
}

void IpsecHost::PollCrypto() {
  gateway_->Poll(out_);
  Flush();
}

std::size_t IpsecHost::Reset(const ipsec::Gateway::Which& which) {
  const std::size_t count = gateway_->Reset(which);
  Flush();
  return count;
}

void IpsecHost::Flush() {
  // Sending may come back into the gateway: take the output first.
  ipsec::GatewayOutput out = std::exchange(out_, {});
  const auto hand = [this](std::vector<ipsec::GatewayOutput::OnPort>& packets, auto call) {
    std::vector<PacketPtr> burst;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      burst.push_back(std::move(packets[i].packet));
      if (i + 1 < packets.size() && packets[i + 1].port == packets[i].port) continue;
      if (Port* port = Find(packets[i].port); port != nullptr && port->port) (port->port.get()->*call)(burst);
      burst.clear();
    }
  };
  hand(out.sent, &ProtectionPort::Send);
  hand(out.delivered, &ProtectionPort::Deliver);
  for (ipsec::GatewayOutput::Encapsulated& one : out.udp)
    if (send_udp_) send_udp_(one.local, one.remote, std::move(one.packet));
  timer_.Follow(gateway_->deadline());
}

}  // namespace sw::device
