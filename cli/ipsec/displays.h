// IPsec and IKE settings as `display` shows them. Layouts: proposals are those of a later Comware device, the rest is
// recollection; labels of durations and the manual block are confirmed by sibling manuals.
#pragma once

#include <string>
#include <vector>

#include "device/ipsec/values.h"

namespace sw::cli {

std::string IpsecProposalText(const device::IpsecProposalConfig& proposal);

struct PolicyUse {
  const device::IpsecPolicyConfig* policy = nullptr;
  std::vector<std::string> interfaces;  // that have its group
  Ipv4 local, remote;                   // as far as they are known: of the tunnel, or of the peer
};
std::string IpsecPolicyText(const std::vector<PolicyUse>& policies);  // full, a heading per group
std::string IpsecPolicyBrief(const std::vector<PolicyUse>& policies);
std::string IpsecTemplateText(const std::vector<PolicyUse>& templates);
std::string IpsecTemplateBrief(const std::vector<PolicyUse>& templates);
std::string IpsecDurationText(const device::IpsecConfig& config);

std::string IkeProposalText(const device::IpsecConfig& config);
std::string IkePeerText(const device::IkePeerConfig& peer);
std::string IkeDpdText(const device::IkeDpdConfig& dpd, std::size_t references);

}  // namespace sw::cli
