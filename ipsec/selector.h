// Flows: which packets one belongs to, which holds which, and the one that a list's permit rules make up together.
#pragma once

#include <string>

#include "ipsec/acl.h"
#include "ipsec/negotiation.h"

namespace sw::ipsec {

// A packet that leaves; for one that arrives see Mirrored. Unknown ports fit any.
bool Fits(const Selector& flow, const AclPacket& packet);
// "10.1.1.0/255.255.255.0", or first and last address where no mask says it.
std::string Text(const AddressRange& range);
bool Holds(const Selector& wide, const Selector& narrow);
AclPacket Mirrored(AclPacket packet);  // seen from the other end

// One flow over every permit rule of a list: the module negotiates one pair of SAs per policy, not per rule (manuals of
// its successors say so of it).
std::optional<Selector> FlowOf(const Acl& acl);  // nullopt: it permits nothing

}  // namespace sw::ipsec
