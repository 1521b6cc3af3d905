// ISAKMP SAs as `display ike sa` shows them. Layout and flags: MSR command manual page 280, F1000 command manual page
// 708; the spacing is recollection.
#pragma once

#include <vector>

#include "cli/display/field.h"
#include "ipsec/ike/models.h"

namespace sw::cli {

using IkeSasView = std::vector<ipsec::ike::SaInfo>;
extern const DisplayOf<IkeSasView> kIkeSasDisplay;

}  // namespace sw::cli
