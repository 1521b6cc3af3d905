#include "ipsec/selector.h"

#include <algorithm>
#include <utility>

namespace sw::ipsec {
namespace {

bool Inside(const AddressRange& range, Ipv4 address) {
  return range.first <= address && address <= range.last;
}
bool Inside(const AddressRange& wide, const AddressRange& narrow) {
  return wide.first <= narrow.first && narrow.last <= wide.last;
}
template <typename T>
bool Covers(T wide, T narrow) {
  return wide == 0 || wide == narrow;
}

AddressRange RangeOf(const AddressCondition& condition) {
  return {Ipv4(condition.address.value & ~condition.wildcard.value),
          Ipv4(condition.address.value | condition.wildcard.value)};
}
std::uint16_t PortOf(const PortCondition& condition) {
  return condition.op == PortOperator::kEqual ? condition.port : std::uint16_t{0};
}
void Widen(AddressRange& range, const AddressRange& by) {
  range = {std::min(range.first, by.first), std::max(range.last, by.last)};
}

}  // namespace

bool Fits(const Selector& flow, const AclPacket& packet) {
  return Inside(flow.local, packet.source) && Inside(flow.remote, packet.destination) &&
         Covers(flow.protocol, packet.protocol) &&
         (!packet.upper ||
          (Covers(flow.local_port, packet.source_port) && Covers(flow.remote_port, packet.destination_port)));
}

bool Holds(const Selector& wide, const Selector& narrow) {
  return Inside(wide.local, narrow.local) && Inside(wide.remote, narrow.remote) &&
         Covers(wide.protocol, narrow.protocol) && Covers(wide.local_port, narrow.local_port) &&
         Covers(wide.remote_port, narrow.remote_port);
}

AclPacket Mirrored(AclPacket packet) {
  std::swap(packet.source, packet.destination);
  std::swap(packet.source_port, packet.destination_port);
  return packet;
}

std::string Text(const AddressRange& range) {
  const std::uint32_t size = range.first.value ^ range.last.value;
  if ((size & (size + 1)) == 0) return range.first.ToString() + "/" + Ipv4(~size).ToString();
  return range.first.ToString() + "-" + range.last.ToString();
}

std::optional<Selector> FlowOf(const Acl& acl) {
  std::optional<Selector> out;
  for (const Acl::Entry& entry : acl.entries()) {
    if (!entry.rule.permit) continue;
    const Selector one{RangeOf(entry.rule.source), RangeOf(entry.rule.destination), entry.rule.protocol.value_or(0),
                       PortOf(entry.rule.source_port), PortOf(entry.rule.destination_port)};
    if (!out) {
      out = one;
      continue;
    }
    Widen(out->local, one.local);
    Widen(out->remote, one.remote);
    if (out->protocol != one.protocol) out->protocol = 0;
    if (out->local_port != one.local_port) out->local_port = 0;
    if (out->remote_port != one.remote_port) out->remote_port = 0;
  }
  return out;
}

}  // namespace sw::ipsec
