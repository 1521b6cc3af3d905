#include "cli/audit/users.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {
namespace {

using device::Config;
using device::IpsecPolicyConfig;

void Add(Users& out, std::string user) {
  if (std::ranges::find(out, user) == out.end()) out.push_back(std::move(user));
}
void AddAll(Users& out, const Users& more) {
  for (const std::string& user : more) Add(out, user);
}

template <typename Wanted>
Users Tunnels(const Config& config, Wanted wanted) {
  Users out;
  for (const device::InterfaceConfig& interface : config.interfaces)
    if (interface.tunnel.dvpn && wanted(interface.tunnel)) out.push_back("interface " + interface.name);
  return out;
}

}  // namespace

std::string PolicyText(const IpsecPolicyConfig& policy, bool is_template) {
  return fmt::format("ipsec policy{} {} {}", is_template ? "-template" : "", policy.name, policy.number);
}

std::string ProposalText(const device::IpsecProposalConfig& proposal) {
  return fmt::format("ipsec {}proposal {}", proposal.for_card ? "card-" : "", proposal.name);
}

Users UsersOfPolicy(const Config& config, const IpsecPolicyConfig& policy, bool is_template) {
  Users out;
  if (!policy.ike_peer.empty()) out.push_back("ike peer " + policy.ike_peer);
  const auto applied = [&](const std::string& group) {
    for (const device::InterfaceConfig& interface : config.interfaces)
      if (interface.ipsec_policy == group) Add(out, "interface " + interface.name);
  };
  if (!is_template) applied(policy.name);
  for (const auto& [key, other] : config.ipsec.policies)
    if (is_template && other.from_template == policy.name) {
      Add(out, PolicyText(other, false));
      applied(other.name);
    }
  return out;
}

Users UsersOfProposal(const Config& config, const std::string& proposal) {
  Users out;
  EachPolicy(config, [&](const IpsecPolicyConfig& policy, bool is_template) {
    if (std::ranges::find(policy.proposals, proposal) == policy.proposals.end()) return;
    Add(out, PolicyText(policy, is_template));
    AddAll(out, UsersOfPolicy(config, policy, is_template));
  });
  return out;
}

Users Peers(const Config& config) {
  Users out;
  for (const auto& [name, peer] : config.ike.peers) out.push_back("ike peer " + name);
  return out;
}

Users UsersOfPeer(const Config& config, const std::string& peer) {
  Users out;
  EachPolicy(config, [&](const IpsecPolicyConfig& policy, bool is_template) {
    if (policy.ike_peer == peer) Add(out, PolicyText(policy, is_template));
  });
  return out;
}

Users UsersOfClass(const Config& config, const std::string& dvpn_class) {
  return Tunnels(config, [&](const device::TunnelConfig& tunnel) { return tunnel.dvpn_class == dvpn_class; });
}
Users UsersOfDvpnPolicy(const Config& config, const std::string& policy) {
  return Tunnels(config, [&](const device::TunnelConfig& tunnel) { return tunnel.policy == policy; });
}
Users DvpnServers(const Config& config) {
  return Tunnels(config, [](const device::TunnelConfig& tunnel) { return tunnel.role == dvpn::Role::kServer; });
}

Users DomainsOf(const Config& config, const std::string& radius_scheme) {
  Users out;
  for (const auto& [name, domain] : config.aaa.domains)
    for (const device::AaaMethod* method : {&domain.scheme, &domain.authentication, &domain.accounting})
      if (method->kind == device::AaaMethod::Kind::kRadius && method->scheme == radius_scheme)
        Add(out, "domain " + name);
  return out;
}

}  // namespace sw::cli
