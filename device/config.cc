#include "device/config.h"

#include <algorithm>
#include <sstream>

#include "device/cipher_text.h"

namespace sw::device {
namespace {

using configdb::Row;

Ipv4 AddressOr(const Row& row, std::string_view column) {
  const std::optional<std::string> text = row.Text(column);
  return text ? Ipv4::Parse(*text).value_or(Ipv4()) : Ipv4();
}

int IntOr(const Row& row, std::string_view column, int preset) {
  return static_cast<int>(row.IntOr(column, preset));
}

Secret SecretOf(const Row& row, std::string_view text, std::string_view form) {
  return {row.TextOr(text, ""), row.TextOr(form, "simple") == "cipher"};
}

dvpn::AuthMethod MethodOf(const Row& row) {
  const std::string method = row.TextOr("authentication_method", "none");
  if (method == "pap") return dvpn::AuthMethod::kPap;
  if (method == "chap") return dvpn::AuthMethod::kChap;
  return dvpn::AuthMethod::kNone;
}

dvpn::RegisterType RegisterTypeOf(const std::string& text) {
  using enum dvpn::RegisterType;
  for (dvpn::RegisterType type : {kUndistributed, kForward, kUndistributedAndForward})
    if (text == dvpn::Name(type)) return type;
  return kNormal;
}

// "1 5 12", as the column has them.
std::vector<int> NumbersOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<int> out;
  for (int number; in >> number;) out.push_back(number);
  return out;
}

InterfaceConfig InterfaceOf(const Row& row) {
  InterfaceConfig out;
  out.name = row.TextOr("name", "");
  out.kind = row.TextOr("kind", "");
  out.shutdown = row.IntOr("shutdown", 0) != 0;
  out.description = row.TextOr("description", "");
  out.mtu = IntOr(row, "mtu", 0);
  out.vlan = IntOr(row, "vlan_id", 0);
  TunnelConfig& t = out.tunnel;
  t.dvpn = row.TextOr("tunnel_protocol", "gre") == "udp dvpn";
  t.source = row.TextOr("tunnel_source", "");
  t.role = row.TextOr("dvpn_interface_type", "client") == "server" ? dvpn::Role::kServer : dvpn::Role::kClient;
  t.dvpn_id = IntOr(row, "dvpn_id", 0);
  t.policy = row.TextOr("dvpn_policy", "");
  t.dvpn_class = row.TextOr("dvpn_class", "");
  t.register_type = RegisterTypeOf(row.TextOr("dvpn_register_type", ""));
  t.udp_port = IntOr(row, "dvpn_udp_port", dvpn::kUdpPort.preset);
  t.acl = IntOr(row, "dvpn_acl", 0);
  return out;
}

Status LoadInterfaces(const configdb::Store& store, Config& config) {
  Result<std::vector<Row>> rows = store.Rows("interface");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.interfaces.push_back(InterfaceOf(row));
  rows = store.Rows("interface_address");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) {
    const std::string name = row.TextOr("interface", "");
    const Prefix address{AddressOr(row, "address"), static_cast<std::uint8_t>(row.IntOr("mask_length", 32))};
    for (InterfaceConfig& interface : config.interfaces) {
      if (interface.name != name) continue;
      const bool sub = row.IntOr("sub", 0) != 0;
      interface.addresses.insert(sub ? interface.addresses.end() : interface.addresses.begin(), address);
    }
  }
  return {};
}

StaticRoute RouteOf(const Row& row) {
  StaticRoute route;
  route.destination = {AddressOr(row, "destination"), static_cast<std::uint8_t>(row.IntOr("mask_length", 0))};
  route.next_hop = AddressOr(row, "next_hop");
  route.interface = row.TextOr("interface", "");
  route.preference = IntOr(row, "preference", 60);
  const std::string kind = row.TextOr("kind", "");
  route.reject = kind == "reject";
  if (kind == "blackhole") route.interface = "NULL0";
  return route;
}

LocalUser UserOf(const Row& row) {
  return {row.TextOr("name", ""), SecretOf(row, "password", "password_form"), row.IntOr("service_dvpn", 0) != 0,
          row.TextOr("state", "active") == "active", IntOr(row, "level", 0)};
}

DvpnClassConfig ClassOf(const Row& row) {
  DvpnClassConfig out;
  out.name = row.TextOr("name", "");
  out.public_ip = AddressOr(row, "public_ip");
  out.private_ip = AddressOr(row, "private_ip");
  out.suite = IntOr(row, "algorithm_suite", hal::kDefaultSuite);
  out.authenticate_server = row.TextOr("authentication_server", "none") == "pre-share";
  out.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
  out.user = row.TextOr("local_user", "");
  out.password = SecretOf(row, "password", "password_form");
  out.udp_port = IntOr(row, "udp_port", dvpn::kUdpPort.preset);
  return out;
}

DvpnPolicyConfig PolicyOf(const Row& row) {
  DvpnPolicyConfig out;
  dvpn::Policy& p = out.policy;
  p.name = row.TextOr("name", "");
  out.authentication_set = row.Text("authentication_method").has_value();
  p.authentication = MethodOf(row);
  p.isp_domain = row.TextOr("authentication_domain", "");
  p.session_suite = IntOr(row, "session_algorithm_suite", hal::kDefaultSuite);
  p.data_suite = IntOr(row, "data_algorithm_suite", hal::kDefaultSuite);
  p.idle = dvpn::seconds(row.IntOr("session_idle_time", dvpn::kSessionIdle.preset));
  p.keepalive = dvpn::seconds(row.IntOr("session_keepalive_interval", dvpn::kSessionKeepalive.preset));
  p.setup_interval = dvpn::seconds(row.IntOr("session_setup_interval", dvpn::kSessionSetup.preset));
  p.sa_duration = dvpn::seconds(row.IntOr("data_sa_duration", dvpn::kSaDuration.preset));
  return out;
}

Status LoadDvpn(const configdb::Store& store, Config& config) {
  Result<std::vector<Row>> rows = store.Rows("dvpn_global");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) {
    DvpnGlobalConfig& g = config.dvpn;
    g.service = row.IntOr("service", 0) != 0;
    g.register_interval = IntOr(row, "register_interval", g.register_interval);
    g.register_retry = IntOr(row, "register_retry", g.register_retry);
    g.register_dumb = IntOr(row, "register_dumb", g.register_dumb);
    g.map_age = IntOr(row, "map_age", g.map_age);
    g.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
    g.authentication = MethodOf(row);
    g.authentication_domain = row.TextOr("authentication_domain", "");
    g.registration_suites = NumbersOf(row.TextOr("registration_suites", ""));
  }
  rows = store.Rows("dvpn_class");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.classes.emplace(row.TextOr("name", ""), ClassOf(row));
  rows = store.Rows("dvpn_policy");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.policies.emplace(row.TextOr("name", ""), PolicyOf(row));
  return {};
}

Status Refuse(Code code, std::string why) { return {code, std::move(why)}; }

Status ValidateAddresses(const Config& config) {
  std::vector<std::pair<Prefix, const InterfaceConfig*>> seen;
  for (const InterfaceConfig& interface : config.interfaces) {
    for (const Prefix& address : interface.addresses) {
      if (address.address.empty() || address.address.multicast() || address.address.loopback() ||
          address.length == 0 ||
          (address.length < 31 && (address.address == address.network() || address.address == address.broadcast())))
        return Refuse(Code::kBadValue, address.ToString() + " cannot be the address of an interface");
      if (interface.kind == "LoopBack" && address.length != 32)
        return Refuse(Code::kBadValue, "the mask of " + interface.name + " must be 32 bits");
      for (const auto& [other, owner] : seen)
        if (owner != &interface && other.Overlaps(address))
          return Refuse(Code::kExists, address.ToString() + " overlaps " + other.ToString() + " of " + owner->name);
      seen.emplace_back(address, &interface);
    }
  }
  return {};
}

Status ValidateRoutes(const Config& config) {
  for (const StaticRoute& route : config.routes) {
    if (route.destination.address != route.destination.network())
      return Refuse(Code::kBadValue, route.destination.ToString() + " has bits beyond its mask");
    for (const InterfaceConfig& interface : config.interfaces)
      for (const Prefix& own : interface.addresses)
        if (!route.next_hop.empty() && own.address == route.next_hop)
          return Refuse(Code::kBadValue,
                        "next hop " + route.next_hop.ToString() + " is this device's own address on " + interface.name);
  }
  return {};
}

Status ValidateTunnel(const Config& config, const InterfaceConfig& interface) {
  const TunnelConfig& t = interface.tunnel;
  if (!t.policy.empty() && t.role != dvpn::Role::kServer)
    return Refuse(Code::kBadValue, interface.name + ": a dvpn policy is only for an interface of type server");
  if (!t.dvpn_class.empty() && t.role != dvpn::Role::kClient)
    return Refuse(Code::kBadValue, interface.name + ": a dvpn class is only for an interface of type client");
  if (t.dvpn_id != 0 && t.role != dvpn::Role::kServer)
    return Refuse(Code::kBadValue, interface.name + ": a client is told its dvpn-id at registration");
  if (t.register_type != dvpn::RegisterType::kNormal && t.role != dvpn::Role::kClient)
    return Refuse(Code::kBadValue, interface.name + ": register-type is only for an interface of type client");
  if (!t.policy.empty() && !config.policies.contains(t.policy))
    return Refuse(Code::kNotFound, "dvpn policy " + t.policy + ", used by " + interface.name + ", does not exist");
  if (!t.dvpn_class.empty() && !config.classes.contains(t.dvpn_class))
    return Refuse(Code::kNotFound, "dvpn class " + t.dvpn_class + ", used by " + interface.name + ", does not exist");
  return {};
}

// What two DVPN tunnels of one device may not share.
Status ValidateTunnelPair(const InterfaceConfig& a, const InterfaceConfig& b) {
  if (a.tunnel.dvpn_id != 0 && a.tunnel.dvpn_id == b.tunnel.dvpn_id)
    return Refuse(Code::kExists, "dvpn-id " + std::to_string(a.tunnel.dvpn_id) + " is that of " + a.name + " already");
  if (!a.tunnel.source.empty() && a.tunnel.dvpn && b.tunnel.dvpn && a.tunnel.source == b.tunnel.source &&
      a.tunnel.udp_port == b.tunnel.udp_port)
    return Refuse(Code::kExists, b.name + " needs a source or udp-port other than that of " + a.name);
  return {};
}

Result<Ipv4> SourceAddress(const Config& config, const TunnelConfig& tunnel) {
  if (tunnel.source.empty()) return {Code::kNotFound, "no source is configured"};
  if (std::optional<Ipv4> address = Ipv4::Parse(tunnel.source)) return *address;
  const InterfaceConfig* source = config.FindInterface(tunnel.source);
  if (source == nullptr || source->addresses.empty())
    return {Code::kNotFound, "source " + tunnel.source + " has no address"};
  if (source->shutdown) return {Code::kNotFound, "source " + tunnel.source + " is shut down"};
  return source->addresses.front().address;
}

Result<dvpn::ClientSettings> ClientSettingsOf(const Config& config, const TunnelConfig& tunnel) {
  if (tunnel.dvpn_class.empty()) return {Code::kNotFound, "no server is configured (dvpn server)"};
  auto found = config.classes.find(tunnel.dvpn_class);
  if (found == config.classes.end()) return {Code::kNotFound, "dvpn class " + tunnel.dvpn_class + " does not exist"};
  const DvpnClassConfig& c = found->second;
  if (c.public_ip.empty()) return {Code::kNotFound, "dvpn class " + c.name + " has no public-ip"};
  dvpn::ClientSettings out;
  out.class_name = c.name;
  out.server_public = c.public_ip;
  out.server_port = static_cast<std::uint16_t>(c.udp_port);
  out.server_private = c.private_ip;
  out.suite = c.suite;
  out.authenticate_server = c.authenticate_server;
  if (c.authenticate_server) {
    if (!c.pre_shared_key.set()) return {Code::kNotFound, "dvpn class " + c.name + " has no pre-shared-key"};
    std::optional<SecretBytes> key = c.pre_shared_key.Reveal();
    if (!key) return {Code::kBadValue, "the cipher pre-shared-key of dvpn class " + c.name + " cannot be opened here"};
    out.pre_shared_key = std::move(*key);
  }
  out.user_name = c.user;
  if (c.password.set()) {
    std::optional<SecretBytes> password = c.password.Reveal();
    if (!password) return {Code::kBadValue, "the cipher password of dvpn class " + c.name + " cannot be opened here"};
    out.password = std::move(*password);
  }
  out.register_type = tunnel.register_type;
  out.register_interval = dvpn::seconds(config.dvpn.register_interval);
  out.register_retry = config.dvpn.register_retry;
  out.register_dumb = dvpn::seconds(config.dvpn.register_dumb);
  return out;
}

Result<dvpn::ServerSettings> ServerSettingsOf(const Config& config, const TunnelConfig& tunnel) {
  if (tunnel.dvpn_id == 0) return {Code::kNotFound, "no dvpn-id is configured"};
  dvpn::ServerSettings out;
  out.dvpn_id = tunnel.dvpn_id;
  bool own_method = false;
  if (auto found = config.policies.find(tunnel.policy); found != config.policies.end()) {
    out.policy = found->second.policy;
    own_method = found->second.authentication_set;
  }
  if (!own_method) {
    out.policy.authentication = config.dvpn.authentication;
    out.policy.isp_domain = config.dvpn.authentication_domain;
  }
  if (config.dvpn.pre_shared_key.set()) {
    std::optional<SecretBytes> key = config.dvpn.pre_shared_key.Reveal();
    if (!key) return {Code::kBadValue, "the cipher text of dvpn server pre-shared-key cannot be opened here"};
    out.pre_shared_key = std::move(*key);
  }
  out.map_age = dvpn::seconds(config.dvpn.map_age);
  out.accepted_suites = config.dvpn.registration_suites;
  return out;
}

}  // namespace

std::optional<SecretBytes> Secret::Reveal() const {
  if (!cipher) return SecretBytes(text);
  const std::optional<std::string> plain = device::Reveal(text);
  if (!plain) return std::nullopt;
  return SecretBytes(*plain);
}

const InterfaceConfig* Config::FindInterface(std::string_view name) const {
  for (const InterfaceConfig& interface : interfaces)
    if (interface.name == name) return &interface;
  return nullptr;
}

Result<Config> LoadConfig(const configdb::Store& store) {
  Config config;
  Result<std::vector<Row>> rows = store.Rows("system");
  if (!rows.ok()) return rows.status();
  config.sysname = rows->empty() ? kDefaultSysname : rows->front().TextOr("sysname", kDefaultSysname);
  SW_TRY(LoadInterfaces(store, config));
  rows = store.Rows("route_static");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.routes.push_back(RouteOf(row));
  rows = store.Rows("local_user");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.users.emplace(row.TextOr("name", ""), UserOf(row));
  rows = store.Rows("isp_domain");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) config.domains.push_back(row.TextOr("name", ""));
  SW_TRY(LoadDvpn(store, config));
  return config;
}

Status ValidateConfig(const Config& config) {
  SW_TRY(ValidateAddresses(config));
  SW_TRY(ValidateRoutes(config));
  std::vector<const InterfaceConfig*> tunnels;
  for (const InterfaceConfig& interface : config.interfaces) {
    if (interface.kind != "Tunnel") continue;
    SW_TRY(ValidateTunnel(config, interface));
    for (const InterfaceConfig* other : tunnels) SW_TRY(ValidateTunnelPair(*other, interface));
    tunnels.push_back(&interface);
  }
  return {};
}

Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& interface) {
  const TunnelConfig& tunnel = interface.tunnel;
  if (!tunnel.dvpn) return {Code::kUnsupported, "tunnel-protocol gre is stored, not carried"};
  if (!config.dvpn.service) return {Code::kNotFound, "dvpn service is disabled"};
  if (interface.shutdown) return {Code::kNotFound, "shut down"};
  if (interface.addresses.empty()) return {Code::kNotFound, "no ip address is configured"};
  Result<Ipv4> source = SourceAddress(config, tunnel);
  if (!source.ok()) return source.status();
  dvpn::TunnelSettings out;
  out.name = interface.name;
  out.device_id = config.sysname;
  out.address = interface.addresses.front();
  out.local = {*source, static_cast<std::uint16_t>(tunnel.udp_port)};
  if (tunnel.role == dvpn::Role::kClient) {
    Result<dvpn::ClientSettings> client = ClientSettingsOf(config, tunnel);
    if (!client.ok()) return client.status();
    out.role = std::move(*client);
  } else {
    Result<dvpn::ServerSettings> server = ServerSettingsOf(config, tunnel);
    if (!server.ok()) return server.status();
    out.role = std::move(*server);
  }
  return out;
}

}  // namespace sw::device
