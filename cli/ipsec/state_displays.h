// SAs and counters of IPsec as Comware text. Layouts: recollection, with labels confirmed by later manuals; the
// counters' first lines from a later device of the family.
#pragma once

#include <string>
#include <vector>

#include "ipsec/gateway_models.h"

namespace sw::cli {

std::string IpsecSaText(const std::vector<ipsec::BundleView>& bundles);
std::string IpsecSaBrief(const std::vector<ipsec::BundleView>& bundles);
std::string IpsecTunnelText(const std::vector<ipsec::BundleView>& bundles);
std::string IpsecStatisticsText(const ipsec::Statistics& statistics);

}  // namespace sw::cli
