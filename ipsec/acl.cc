#include "ipsec/acl.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace sw::ipsec {
namespace {

constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;
constexpr std::uint8_t kRst = 0x04, kAck = 0x10;
constexpr std::uint16_t kMaxPort = 65535;

// The ports a condition accepts: low..high, or all the others.
struct Ports {
  std::uint16_t low = 0, high = kMaxPort;
  bool outside = false;

  std::uint32_t count() const {
    const std::uint32_t inside = low > high ? 0 : std::uint32_t{high} - low + 1;
    return outside ? kMaxPort + 1 - inside : inside;
  }
};

constexpr Ports kNoPort{0, kMaxPort, true};

Ports PortsOf(const PortCondition& condition) {
  const std::uint16_t port = condition.port;
  switch (condition.op) {
    case PortOperator::kAny:
      return {};
    case PortOperator::kEqual:
      return {port, port};
    case PortOperator::kNotEqual:
      return {port, port, true};
    case PortOperator::kGreater:
      return port == kMaxPort ? kNoPort : Ports{static_cast<std::uint16_t>(port + 1), kMaxPort};
    case PortOperator::kLess:
      return port == 0 ? kNoPort : Ports{0, static_cast<std::uint16_t>(port - 1)};
    case PortOperator::kRange:
      return {std::min(port, condition.last), std::max(port, condition.last)};
  }
  return {};
}

bool Inside(std::uint16_t port, std::uint16_t low, std::uint16_t high) {
  return port >= low && port <= high;
}

// What `auto` sorts by; the number of a rule stands for the order of input.
auto Depth(const AclRule& rule) {
  return std::tuple(std::popcount(rule.source.wildcard.value), std::popcount(rule.destination.wildcard.value),
                    std::uint64_t{PortsOf(rule.source_port).count()} * PortsOf(rule.destination_port).count(), rule.id);
}

AclVerdict VerdictOf(const AclRule& rule) {
  return {rule.permit ? AclDecision::kPermit : AclDecision::kDeny, rule.id, rule.logging};
}

}  // namespace

std::optional<AclPacket> AclPacket::Read(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return std::nullopt;
  const std::size_t header = (packet[0] & 0xfU) * 4;
  if (header < 20 || header > packet.size()) return std::nullopt;
  AclPacket out;
  out.tos = packet[1];
  out.later_fragment = (Load16(&packet[6]) & 0x1fff) != 0;
  out.protocol = packet[9];
  out.source = Ipv4(Load32(&packet[12]));
  out.destination = Ipv4(Load32(&packet[16]));
  const ByteView body = packet.subspan(header);
  if (out.later_fragment) return out;
  if (out.protocol == kIcmp && body.size() >= 2) {
    out.icmp = {body[0], body[1]};
    out.upper = true;
  }
  const std::size_t needed = out.protocol == kTcp ? 14 : 4;
  if ((out.protocol == kTcp || out.protocol == kUdp) && body.size() >= needed) {
    out.source_port = Load16(&body[0]);
    out.destination_port = Load16(&body[2]);
    if (out.protocol == kTcp) out.tcp_flags = body[13];
    out.upper = true;
  }
  return out;
}

Acl::Compiled Acl::Compile(Entry& entry) {
  const AclRule& rule = entry.rule;
  const Ports source = PortsOf(rule.source_port), destination = PortsOf(rule.destination_port);
  Compiled out{};
  out.source_mask = ~rule.source.wildcard.value;
  out.source = rule.source.address.value & out.source_mask;
  out.destination_mask = ~rule.destination.wildcard.value;
  out.destination = rule.destination.address.value & out.destination_mask;
  out.source_low = source.low;
  out.source_high = source.high;
  out.source_outside = source.outside;
  out.destination_low = destination.low;
  out.destination_high = destination.high;
  out.destination_outside = destination.outside;
  out.any_protocol = !rule.protocol;
  out.protocol = rule.protocol.value_or(0);
  auto bits = [&out](std::optional<std::uint8_t> value, int shift, unsigned mask) {
    if (!value) return;
    out.tos_mask = static_cast<std::uint8_t>(out.tos_mask | mask);
    out.tos = static_cast<std::uint8_t>((out.tos & ~mask) | ((unsigned{*value} << shift) & mask));
  };
  bits(rule.dscp, 2, 0xfc);
  bits(rule.precedence, 5, 0xe0);
  bits(rule.tos, 1, 0x1e);
  out.established = rule.established;
  out.icmp = rule.icmp.has_value();
  out.icmp_is = rule.icmp.value_or(IcmpCondition{});
  out.upper = out.established || out.icmp || rule.source_port.op != PortOperator::kAny ||
              rule.destination_port.op != PortOperator::kAny;
  out.fragment = rule.fragment;
  out.entry = &entry;
  return out;
}

bool Acl::Compiled::Fits(const AclPacket& p) const {
  if (((p.source.value ^ source) & source_mask) != 0 || ((p.destination.value ^ destination) & destination_mask) != 0)
    return false;
  if (!any_protocol && protocol != p.protocol) return false;
  if (fragment != p.later_fragment || ((p.tos ^ tos) & tos_mask) != 0) return false;
  if (upper) {
    if (!p.upper) return false;
    if (Inside(p.source_port, source_low, source_high) == source_outside) return false;
    if (Inside(p.destination_port, destination_low, destination_high) == destination_outside) return false;
    if (established && (p.protocol != kTcp || (p.tcp_flags & (kAck | kRst)) == 0)) return false;
    if (icmp && (p.protocol != kIcmp || !(p.icmp == icmp_is))) return false;
  }
  return entry->active && (entry->rule.interface.empty() || entry->rule.interface == p.interface);
}

void Acl::Sort() const {
  sorted_.clear();
  sorted_.reserve(rules_.size());
  for (auto& [id, entry] : rules_) sorted_.push_back(Compile(entry));
  if (order_ == Order::kAuto) {
    std::ranges::sort(sorted_, {}, [](const Compiled& compiled) { return Depth(compiled.entry->rule); });
  }
  stale_ = false;
}

const Acl::Compiled* Acl::Find(const AclPacket& packet) const {
  if (stale_) Sort();
  for (const Compiled& compiled : sorted_)
    if (compiled.Fits(packet)) return &compiled;
  return nullptr;
}

AclVerdict Acl::Match(const AclPacket& packet) {
  const Compiled* found = Find(packet);
  if (found == nullptr) return {};
  ++found->entry->matches;
  return VerdictOf(found->entry->rule);
}

AclVerdict Acl::Peek(const AclPacket& packet) const {
  const Compiled* found = Find(packet);
  return found == nullptr ? AclVerdict{} : VerdictOf(found->entry->rule);
}

void Acl::Set(AclRule rule) {
  const auto [it, added] = rules_.try_emplace(rule.id);
  Entry& entry = it->second;
  if (!added && entry.rule == rule) return;
  entry = {std::move(rule), true, 0};
  Refresh(entry);
  stale_ = true;
}

bool Acl::Remove(int id) {
  if (rules_.erase(id) == 0) return false;
  stale_ = true;
  return true;
}

void Acl::Refresh(Entry& entry) {
  const std::string& range = entry.rule.time_range;
  entry.active = range.empty() || (time_range_active_ && time_range_active_(range));
}

void Acl::RefreshTimeRanges() {
  for (auto& [id, entry] : rules_) Refresh(entry);
}

void Acl::ResetCounters() {
  for (auto& [id, entry] : rules_) entry.matches = 0;
}

std::vector<Acl::Entry> Acl::entries() const {
  if (stale_) Sort();
  std::vector<Entry> out;
  out.reserve(sorted_.size());
  for (const Compiled& compiled : sorted_) out.push_back(*compiled.entry);
  return out;
}

}  // namespace sw::ipsec
