#include "device/interface/values.h"

#include <algorithm>
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

InterfaceId IdOf(const configdb::Row& row) {
  constexpr std::string_view kKinds[] = {"GigabitEthernet", "LoopBack", "Tunnel", "Virtual-Template"};
  const auto* kind = std::ranges::find(kKinds, row.TextOr("kind", ""));
  return {static_cast<int>(kind - kKinds), IntOf(row, "number", 0), IntOf(row, "sub", 0)};
}

bool CanBeOwn(const Prefix& address) {
  const bool end =
      address.length < 31 && (address.address == address.network() || address.address == address.broadcast());
  return !address.address.empty() && !address.address.multicast() && !address.address.loopback() &&
         address.length != 0 && !end;
}

}  // namespace

Result<Ipv4> SourceAddress(const InterfacesConfig& interfaces, const TunnelConfig& tunnel) {
  if (tunnel.source.empty()) return {Code::kNotFound, "no source is configured"};
  if (std::optional<Ipv4> address = Ipv4::Parse(tunnel.source)) return *address;
  const InterfaceConfig* source = interfaces.Find(tunnel.source);
  if (source == nullptr || source->addresses.empty())
    return {Code::kNotFound, "source " + tunnel.source + " has no address"};
  if (source->shutdown) return {Code::kNotFound, "source " + tunnel.source + " is shut down"};
  return source->addresses.front().address;
}

void TakeInterface(const configdb::Key& key, Rows rows, InterfacesConfig& config, InterfaceDelta& delta) {
  delta.names.insert(NameOf(key));
  if (rows.empty()) return config.Erase(NameOf(key));
  config.Set(IdOf(rows.front()), InterfaceOf(rows.front()));
}

void TakeAddresses(const configdb::Key& interface, Rows rows, InterfacesConfig& config, InterfaceDelta& delta) {
  delta.names.insert(NameOf(interface));
  delta.addresses.insert(NameOf(interface));
  std::vector<Prefix> addresses;
  for (const configdb::Row& row : rows) {
    const bool sub = row.IntOr("sub", 0) != 0;
    addresses.insert(sub ? addresses.end() : addresses.begin(),
                     {AddressOf(row, "address"), static_cast<std::uint8_t>(row.IntOr("mask_length", 0))});
  }
  config.SetAddresses(NameOf(interface), std::move(addresses));
}

Status ValidateInterfaces(const InterfacesConfig& config, const InterfaceDelta& delta) {
  return EachChanged(config, delta, [&](const InterfaceConfig& interface) -> Status {
    for (const Prefix& address : interface.addresses) {
      if (!CanBeOwn(address)) return {Code::kBadValue, address.ToString() + " cannot be the address of an interface"};
      if (interface.kind == "LoopBack" && address.length != 32)
        return {Code::kBadValue, "the mask of " + interface.name + " must be 32 bits"};
    }
    if (const auto overlap = config.FindOverlap(interface))
      return {Code::kExists, overlap->of_second.ToString() + " overlaps " + overlap->of_first.ToString() + " of " +
                                 overlap->first->name};
    return {};
  });
}

}  // namespace sw::device
