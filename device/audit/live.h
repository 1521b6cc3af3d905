// What there is on a device that uses algorithms, as the ledger takes it.
#pragma once

#include <vector>

#include "device/audit/ledger.h"
#include "dvpn/models.h"
#include "ipsec/gateway_models.h"
#include "ipsec/ike/models.h"

namespace sw::device {

std::vector<AlgorithmLedger::Live> LiveAlgorithms(Time now, const std::vector<ipsec::ike::SaInfo>& ike_sas,
                                                  const std::vector<ipsec::BundleView>& bundles,
                                                  const std::vector<dvpn::MapInfo>& maps,
                                                  const std::vector<dvpn::SessionInfo>& sessions);

}  // namespace sw::device
