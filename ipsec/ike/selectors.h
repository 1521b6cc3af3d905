// The client identities of quick mode (RFC 2407 section 4.6.2) as the selector of negotiation.h, and back.
#pragma once

#include <optional>

#include "ipsec/ike/wire.h"
#include "ipsec/negotiation.h"

namespace sw::ipsec::ike {

Identity IdentityOf(const AddressRange& range, std::uint8_t protocol, std::uint16_t port);
// nullopt: not an address, a subnet or a range.
std::optional<AddressRange> RangeOf(const Identity& id);
// nullopt: the identities do not name addresses, or not one protocol.
std::optional<Selector> SelectorOf(const Identity& local, const Identity& remote);

}  // namespace sw::ipsec::ike
