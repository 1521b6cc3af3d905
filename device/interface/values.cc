#include "device/interface/values.h"

#include <utility>

#include "device/config/columns.h"

namespace sw::device {
namespace {

dvpn::RegisterType RegisterTypeOf(const std::string& text) {
  using enum dvpn::RegisterType;
  for (dvpn::RegisterType type : {kUndistributed, kForward, kUndistributedAndForward})
    if (text == dvpn::Name(type)) return type;
  return kNormal;
}

InterfaceConfig InterfaceOf(const configdb::Row& row) {
  InterfaceConfig out;
  out.name = row.TextOr("name", "");
  out.kind = row.TextOr("kind", "");
  out.shutdown = row.IntOr("shutdown", 0) != 0;
  out.description = row.TextOr("description", "");
  out.mtu = IntOf(row, "mtu", 0);
  out.vlan = IntOf(row, "vlan_id", 0);
  out.duplex = row.TextOr("duplex", "");
  out.speed = row.TextOr("speed", "");
  out.loopback = row.IntOr("loopback", 0) != 0;
  out.remote = row.TextOr("remote_address", "");
  if (row.IntOr("remote_pool", 0) != 0)
    out.remote = "out of pool " + std::to_string(IntOf(row, "remote_pool_number", 0));
  out.ipsec_policy = row.TextOr("ipsec_policy", "");
  TunnelConfig& t = out.tunnel;
  t.dvpn = row.TextOr("tunnel_protocol", "gre") == "udp dvpn";
  t.source = row.TextOr("tunnel_source", "");
  t.destination = AddressOf(row, "tunnel_destination");
  if (const auto key = row.Int("gre_key")) t.gre_key = static_cast<std::uint32_t>(*key);
  t.gre_checksum = row.IntOr("gre_checksum", 0) != 0;
  t.gre_keepalive = row.IntOr("gre_keepalive", 0) != 0;
  t.gre_keepalive_interval = IntOf(row, "gre_keepalive_interval", t.gre_keepalive_interval);
  t.gre_keepalive_times = IntOf(row, "gre_keepalive_times", t.gre_keepalive_times);
  t.role = row.TextOr("dvpn_interface_type", "client") == "server" ? dvpn::Role::kServer : dvpn::Role::kClient;
  t.dvpn_id = IntOf(row, "dvpn_id", 0);
  t.policy = row.TextOr("dvpn_policy", "");
  t.dvpn_class = row.TextOr("dvpn_class", "");
  t.register_type = RegisterTypeOf(row.TextOr("dvpn_register_type", ""));
  t.udp_port = IntOf(row, "dvpn_udp_port", t.udp_port);
  t.acl = IntOf(row, "dvpn_acl", 0);
  return out;
}

}  // namespace

const InterfaceConfig* InterfacesConfig::Find(std::string_view name) const {
  for (const InterfaceConfig& interface : interfaces)
    if (interface.name == name) return &interface;
  return nullptr;
}

Result<Ipv4> SourceAddress(const InterfacesConfig& interfaces, const TunnelConfig& tunnel) {
  if (tunnel.source.empty()) return {Code::kNotFound, "no source is configured"};
  if (std::optional<Ipv4> address = Ipv4::Parse(tunnel.source)) return *address;
  const InterfaceConfig* source = interfaces.Find(tunnel.source);
  if (source == nullptr || source->addresses.empty())
    return {Code::kNotFound, "source " + tunnel.source + " has no address"};
  if (source->shutdown) return {Code::kNotFound, "source " + tunnel.source + " is shut down"};
  return source->addresses.front().address;
}

Result<InterfacesConfig> LoadInterfaces(const configdb::Store& store) {
  InterfacesConfig config;
  SW_TRY(EachRow(store, "interface", [&](const configdb::Row& row) { config.interfaces.push_back(InterfaceOf(row)); }));
  SW_TRY(EachRow(store, "interface_address", [&](const configdb::Row& row) {
    const std::string name = row.TextOr("interface", "");
    const Prefix address{AddressOf(row, "address"), static_cast<std::uint8_t>(row.IntOr("mask_length", 0))};
    for (InterfaceConfig& interface : config.interfaces) {
      if (interface.name != name) continue;
      const bool sub = row.IntOr("sub", 0) != 0;
      interface.addresses.insert(sub ? interface.addresses.end() : interface.addresses.begin(), address);
    }
  }));
  return config;
}

Status ValidateInterfaces(const InterfacesConfig& config) {
  std::vector<std::pair<Prefix, const InterfaceConfig*>> seen;
  for (const InterfaceConfig& interface : config.interfaces) {
    for (const Prefix& address : interface.addresses) {
      if (address.address.empty() || address.address.multicast() || address.address.loopback() || address.length == 0 ||
          (address.length < 31 && (address.address == address.network() || address.address == address.broadcast())))
        return Status(Code::kBadValue, address.ToString() + " cannot be the address of an interface");
      if (interface.kind == "LoopBack" && address.length != 32)
        return Status(Code::kBadValue, "the mask of " + interface.name + " must be 32 bits");
      for (const auto& [other, owner] : seen)
        if (owner != &interface && other.Overlaps(address))
          return Status(Code::kExists, address.ToString() + " overlaps " + other.ToString() + " of " + owner->name);
      seen.emplace_back(address, &interface);
    }
  }
  return {};
}

}  // namespace sw::device
