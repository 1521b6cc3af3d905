// The part of a policy that travels, as a server issues it.
#pragma once

#include "dvpn/settings.h"
#include "dvpn/wire.h"

namespace sw::dvpn {

wire::Terms TermsOf(const Policy& policy);

}  // namespace sw::dvpn
