// What IKE is configured to do, and its SAs. Layouts: proposals are those of a later Comware device; of SAs, and their
// flags: MSR command manual page 280, F1000 command manual page 708; the rest, and the spacing, is recollection.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/display/field.h"
#include "device/ike/values.h"
#include "ipsec/ike/models.h"

namespace sw::cli {

using IkeSasView = std::vector<ipsec::ike::SaInfo>;
extern const DisplayOf<IkeSasView> kIkeSasDisplay;

extern const DisplayOf<device::IkeConfig> kIkeProposalsDisplay;

using IkePeersView = std::vector<const device::IkePeerConfig*>;
extern const DisplayOf<IkePeersView> kIkePeersDisplay;

struct DpdView {
  const device::IkeDpdConfig* dpd = nullptr;
  std::size_t references = 0;  // peers that use it
};
extern const DisplayOf<std::vector<DpdView>> kDpdsDisplay;

}  // namespace sw::cli
