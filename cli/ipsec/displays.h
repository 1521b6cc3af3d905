// IPsec settings as `display` shows them. Layouts: proposals are those of a later Comware device, the rest is
// recollection; labels of durations and the manual block are confirmed by sibling manuals.
#pragma once

#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/ipsec/values.h"

namespace sw::cli {

using IpsecProposalsView = std::vector<const device::IpsecProposalConfig*>;
extern const DisplayOf<IpsecProposalsView> kIpsecProposalsDisplay;

struct PolicyUse {
  const device::IpsecPolicyConfig* policy = nullptr;
  std::vector<std::string> interfaces;  // that have its group
  Ipv4 local, remote;                   // as far as they are known: of the tunnel, or of the peer
};
using PoliciesView = std::vector<PolicyUse>;
extern const DisplayOf<PoliciesView> kPoliciesDisplay, kTemplatesDisplay;  // in full
extern const Layout kPoliciesBrief, kTemplatesBrief;

extern const DisplayOf<device::IpsecConfig> kDurationDisplay;

}  // namespace sw::cli
