// Who uses what: policies, interfaces and peers behind an object, as commands name them.
#pragma once

#include <string>
#include <vector>

#include "device/config/config.h"

namespace sw::cli {

using Users = std::vector<std::string>;

std::string PolicyText(const device::IpsecPolicyConfig& policy, bool is_template);  // "ipsec policy a 10"
std::string ProposalText(const device::IpsecProposalConfig& proposal);              // "ipsec proposal p"
// The peer of a policy, and the interfaces that its group is applied to.
Users UsersOfPolicy(const device::Config& config, const device::IpsecPolicyConfig& policy, bool is_template);
// Policies and templates that name it, with their peers and interfaces.
Users UsersOfProposal(const device::Config& config, const std::string& proposal);
Users Peers(const device::Config& config);  // all of IKE
Users UsersOfPeer(const device::Config& config, const std::string& peer);
Users UsersOfClass(const device::Config& config, const std::string& dvpn_class);
Users UsersOfDvpnPolicy(const device::Config& config, const std::string& policy);
Users DvpnServers(const device::Config& config);  // interfaces
Users DomainsOf(const device::Config& config, const std::string& radius_scheme);

// Calls `visit` with each policy and each template, and whether it is one.
template <typename Visit>
void EachPolicy(const device::Config& config, Visit visit) {
  for (const auto& [key, policy] : config.ipsec.policies)
    if (policy.mode != device::IpsecMode::kTemplate) visit(policy, false);
  for (const auto& [key, policy] : config.ipsec.templates) visit(policy, true);
}

}  // namespace sw::cli
