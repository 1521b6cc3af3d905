// Vendor IDs (what an end can do beyond RFC 2409) and the detection of NAT (RFC 3947 sections 3.1 and 3.2).
#pragma once

#include "hal/base/address.h"
#include "hal/primitives.h"
#include "ipsec/ike/proposals.h"
#include "ipsec/ike/wire.h"

namespace sw::ipsec::ike {

struct Abilities {
  bool dpd = false;
  NatDialect nat = NatDialect::kNone;  // the best the end speaks
};
Abilities ReadVendorIds(const Payloads& payloads);
void AddVendorIds(ChainWriter& chain, bool nat);
// In an answer: only the dialect that was agreed.
void AddVendorIds(ChainWriter& chain, NatDialect nat);

// The NAT-D payload of one end.
Bytes NatHash(hal::HashAlgorithm hash, const Cookies& cookies, Endpoint end);
PayloadType NatDetectionType(NatDialect dialect);

}  // namespace sw::ipsec::ike
