#include "device/gre/values.h"

#include <map>
#include <utility>

namespace sw::device {
namespace {

bool IsGre(const InterfaceConfig& interface) {
  return interface.kind == "Tunnel" && !interface.tunnel.dvpn;
}

// No single other end can have these.
bool IsNoStation(Ipv4 address) {
  return address.multicast() || address.loopback() || address.value >> 24 == 0 || address.value >> 28 == 0xf;
}

}  // namespace

Status ValidateGre(const InterfacesConfig& interfaces) {
  std::map<std::pair<Ipv4, Ipv4>, const InterfaceConfig*> seen;
  for (const InterfaceConfig& interface : interfaces.interfaces) {
    if (!IsGre(interface) || interface.tunnel.destination.empty()) continue;
    const Result<Ipv4> source = SourceAddress(interfaces, interface.tunnel);
    if (!source.ok()) continue;
    const auto [other, fresh] = seen.emplace(std::pair(*source, interface.tunnel.destination), &interface);
    if (!fresh)
      return {Code::kExists,
              interface.name + " needs a source or destination other than that of " + other->second->name};
  }
  return {};
}

Result<GreSettings> GreSettingsOf(const InterfacesConfig& interfaces, const InterfaceConfig& interface) {
  const TunnelConfig& tunnel = interface.tunnel;
  if (interface.shutdown) return {Code::kNotFound, "shut down"};
  if (interface.addresses.empty()) return {Code::kNotFound, "no ip address is configured"};
  const Result<Ipv4> source = SourceAddress(interfaces, tunnel);
  if (!source.ok()) return source.status();
  if (tunnel.destination.empty()) return {Code::kNotFound, "no destination is configured"};
  if (IsNoStation(tunnel.destination) || tunnel.destination == *source)
    return {Code::kBadValue, "destination " + tunnel.destination.ToString() + " cannot be the other end"};
  GreSettings out;
  out.local = *source;
  out.remote = tunnel.destination;
  out.key = tunnel.gre_key;
  out.checksum = tunnel.gre_checksum;
  if (tunnel.gre_keepalive)
    out.keepalive = GreKeepalive{std::chrono::seconds(tunnel.gre_keepalive_interval), tunnel.gre_keepalive_times};
  return out;
}

}  // namespace sw::device
