// SAs and counters of IPsec. Layouts: recollection, with labels confirmed by later manuals; the counters' first lines
// from a later device of the family.
#pragma once

#include <vector>

#include "cli/display/field.h"
#include "ipsec/gateway_models.h"

namespace sw::cli {

using BundlesView = std::vector<ipsec::BundleView>;
extern const DisplayOf<BundlesView> kIpsecSasDisplay, kIpsecTunnelsDisplay;
extern const Layout kIpsecSasBrief;
extern const DisplayOf<ipsec::Statistics> kIpsecStatisticsDisplay;

}  // namespace sw::cli
