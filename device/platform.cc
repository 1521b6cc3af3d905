#include "device/platform.h"

#include <charconv>

namespace sw::device {
namespace {

constexpr int kMaxNumber = 4095;  // ports, LoopBacks, tunnels; our choice
constexpr int kMinMtu = 46;       // what the reference takes; RFC 791 wants 68, which a platform may insist on
constexpr int kMaxVlan = 4094;    // IEEE 802.1Q
constexpr int kMaxPreference = 255;

// All of `text` as a decimal without leading zeroes; nullopt otherwise.
std::optional<int> Number(std::string_view text, int limit) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text[0] == '-' || (text[0] == '0' && text.size() > 1) || value > limit) return std::nullopt;
  return value;
}

std::optional<std::string_view> After(std::string_view text, std::string_view start) {
  if (!text.starts_with(start)) return std::nullopt;
  return text.substr(start.size());
}

Status CheckAddress(const Prefix& p) {
  const std::string text = p.ToString();
  if (p.length == 0 || p.length > 32) return {Code::kBadValue, text + ": the mask is not possible"};
  if (p.address.multicast() || p.address.loopback() || p.address.value >> 24 == 0 || p.address.value >> 28 == 0xf) {
    return {Code::kBadValue, text + ": not an address an interface can have"};
  }
  if (p.length < 31 && (p.address == p.network() || p.address == p.broadcast())) {
    return {Code::kBadValue, text + ": the network's own or broadcast address"};
  }
  return {};
}

}  // namespace

std::optional<InterfaceName> ParseInterfaceName(std::string_view name) {
  if (name == "NULL0") return InterfaceName{InterfaceKind::kNull, 0, {}};
  if (auto rest = After(name, "GigabitEthernet0/")) {
    const std::size_t dot = rest->find('.');
    const auto number = Number(rest->substr(0, dot), kMaxNumber);
    if (!number) return std::nullopt;
    if (dot == std::string_view::npos) return InterfaceName{InterfaceKind::kGigabitEthernet, *number, {}};
    if (!Number(rest->substr(dot + 1), kMaxNumber)) return std::nullopt;
    return InterfaceName{InterfaceKind::kSubInterface, *number, std::string(name.substr(0, name.find('.')))};
  }
  for (const auto& [start, kind] :
       {std::pair{"LoopBack", InterfaceKind::kLoopBack}, {"Tunnel", InterfaceKind::kTunnel}}) {
    auto rest = After(name, start);
    if (!rest) continue;
    if (const auto number = Number(*rest, kMaxNumber)) return InterfaceName{kind, *number, {}};
  }
  return std::nullopt;
}

Status Check(const InterfaceSettings& s) {
  const auto name = ParseInterfaceName(s.name);
  if (!name) return {Code::kBadValue, s.name + ": no such kind of interface"};
  if (name->kind == InterfaceKind::kNull) return {Code::kBadValue, "NULL0 has no settings"};
  if (s.mtu != 0 && s.mtu < kMinMtu) return {Code::kBadValue, "MTU below " + std::to_string(kMinMtu)};
  if (s.vlan < 0 || s.vlan > kMaxVlan) return {Code::kBadValue, "no such VLAN ID"};
  if (s.vlan != 0 && name->kind != InterfaceKind::kSubInterface) {
    return {Code::kBadValue, "only a sub-interface has a VLAN ID"};
  }
  for (const Prefix& p : s.addresses) SW_TRY(CheckAddress(p));
  return {};
}

Status Check(const StaticRoute& r) {
  if (r.destination.length > 32) return {Code::kBadValue, "the mask is not possible"};
  const auto bad = [](std::string_view why) { return Status(Code::kBadValue, std::string(why)); };
  if (r.destination.address.multicast() || r.destination.address.loopback()) return bad("not a destination of a route");
  if (r.preference < 1 || r.preference > kMaxPreference) return bad("preference is 1 to 255");
  if (r.next_hop.multicast() || r.next_hop.loopback() || r.next_hop == Ipv4(0xffffffff)) return bad("bad next hop");
  if (r.interface.empty()) {
    return r.next_hop.empty() && !r.reject ? bad("neither a next hop nor an interface") : Status();
  }
  const auto name = ParseInterfaceName(r.interface);
  if (!name) return bad("no such interface: " + r.interface);
  const bool broadcast = name->kind == InterfaceKind::kGigabitEthernet || name->kind == InterfaceKind::kSubInterface;
  if (broadcast && r.next_hop.empty() && !r.reject) return bad(r.interface + " needs a next hop too");
  if (name->kind == InterfaceKind::kLoopBack) return bad("nothing leaves by " + r.interface);
  return {};
}

}  // namespace sw::device
