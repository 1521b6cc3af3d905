#include "device/gre/values.h"

#include <optional>

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

Status ValidateGre(const InterfacesConfig& interfaces, const InterfaceDelta& changed) {
  std::optional<InterfacesConfig::Conflict> conflict;
  const auto look = [&](const InterfaceConfig& tunnel) {
    if (IsGre(tunnel) && !conflict) conflict = interfaces.SameEnds(tunnel);
  };
  for (const std::string& name : changed.names)
    if (const InterfaceConfig* interface = interfaces.Find(name)) look(*interface);
  for (const std::string& name : changed.addresses) interfaces.EachWithSource(name, look);
  if (!conflict) return {};
  return {Code::kExists,
          conflict->second->name + " needs a source or destination other than that of " + conflict->first->name};
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
