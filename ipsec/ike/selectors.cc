#include "ipsec/ike/selectors.h"

#include <bit>

namespace sw::ipsec::ike {

Identity IdentityOf(const AddressRange& range, std::uint8_t protocol, std::uint16_t port) {
  const std::uint32_t span = range.first.value ^ range.last.value;
  const bool prefix = (span & (span + 1)) == 0 && (range.first.value & span) == 0;
  if (prefix) {
    const auto length = static_cast<std::uint8_t>(32 - std::bit_width(span));
    return Identity::Subnet({range.first, length}, protocol, port);
  }
  Identity id;
  id.kind = IdKind::kIpv4Range;
  id.protocol = protocol;
  id.port = port;
  id.data.resize(8);
  Store32(id.data.data(), range.first.value);
  Store32(id.data.data() + 4, range.last.value);
  return id;
}

std::optional<AddressRange> RangeOf(const Identity& id) {
  if (const std::optional<Prefix> p = id.prefix()) return AddressRange{p->network(), p->broadcast()};
  if (id.kind != IdKind::kIpv4Range || id.data.size() != 8) return std::nullopt;
  const AddressRange range{Ipv4(Load32(id.data.data())), Ipv4(Load32(id.data.data() + 4))};
  return range.first <= range.last ? std::optional(range) : std::nullopt;
}

std::optional<Selector> SelectorOf(const Identity& local, const Identity& remote) {
  const auto ours = RangeOf(local), theirs = RangeOf(remote);
  if (!ours || !theirs || local.protocol != remote.protocol) return std::nullopt;
  return Selector{*ours, *theirs, local.protocol, local.port, remote.port};
}

}  // namespace sw::ipsec::ike
