// ISAKMP SAs as `display ike sa` shows them. Layout and flags: MSR command manual page 280, F1000 command manual page
// 708; the spacing is recollection.
#pragma once

#include <span>
#include <string>

#include "ipsec/ike/models.h"

namespace sw::cli {

std::string IkeSaText(std::span<const ipsec::ike::SaInfo> sas);

}  // namespace sw::cli
