#include "device/dvpn/values.h"

#include <sstream>

#include "device/config/columns.h"

namespace sw::device {
namespace {

Status Refuse(Code code, std::string why) {
  return {code, std::move(why)};
}

dvpn::AuthMethod MethodOf(const configdb::Row& row) {
  const std::string method = row.TextOr("authentication_method", "none");
  if (method == "pap") return dvpn::AuthMethod::kPap;
  if (method == "chap") return dvpn::AuthMethod::kChap;
  return dvpn::AuthMethod::kNone;
}

std::optional<dvpn::SecurityMinimum> MinimumOf(const configdb::Row& row) {
  const auto word = row.Text("security_minimum");
  using M = dvpn::SecurityMinimum;
  for (const M minimum : {M::kNone, M::kProtected, M::kStrong})
    if (word == dvpn::Name(minimum)) return minimum;
  return std::nullopt;
}

dvpn::ServerMethod ServerMethodOf(const configdb::Row& row) {
  const std::string word = row.TextOr("authentication_server", "");
  using M = dvpn::ServerMethod;
  for (const M method : {M::kPreShare, M::kCertificate})
    if (word == dvpn::Name(method)) return method;
  return M::kNone;
}

// "1 5 12", as the column has them.
std::vector<int> NumbersOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<int> out;
  for (int number; in >> number;) out.push_back(number);
  return out;
}

DvpnClassConfig ClassOf(const configdb::Row& row) {
  DvpnClassConfig out;
  out.name = row.TextOr("name", "");
  out.public_ip = AddressOf(row, "public_ip");
  out.private_ip = AddressOf(row, "private_ip");
  out.suite = IntOf(row, "algorithm_suite", out.suite);
  out.authenticate_server = ServerMethodOf(row);
  out.certificate_domain = row.TextOr("certificate_domain", "");
  out.server_name = row.TextOr("server_name", "");
  out.minimum = MinimumOf(row);
  out.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
  out.user = row.TextOr("local_user", "");
  out.password = SecretOf(row, "password", "password_form");
  out.udp_port = IntOf(row, "udp_port", out.udp_port);
  return out;
}

DvpnPolicyConfig PolicyOf(const configdb::Row& row) {
  DvpnPolicyConfig out;
  dvpn::Policy& p = out.policy;
  p.name = row.TextOr("name", "");
  out.authentication_set = row.Text("authentication_method").has_value();
  p.authentication = MethodOf(row);
  p.isp_domain = row.TextOr("authentication_domain", "");
  const auto set = [&](std::string_view column) { return IntOf(row, column, configdb::Preset("dvpn_policy", column)); };
  p.session_suite = set("session_algorithm_suite");
  p.data_suite = set("data_algorithm_suite");
  p.idle = dvpn::seconds(set("session_idle_time"));
  p.keepalive = dvpn::seconds(set("session_keepalive_interval"));
  p.setup_interval = dvpn::seconds(set("session_setup_interval"));
  p.sa_duration = dvpn::seconds(set("data_sa_duration"));
  return out;
}

DvpnGlobalConfig GlobalOf(const configdb::Row& row) {
  DvpnGlobalConfig g;
  g.service = row.IntOr("service", 0) != 0;
  g.register_interval = IntOf(row, "register_interval", g.register_interval);
  g.register_retry = IntOf(row, "register_retry", g.register_retry);
  g.register_dumb = IntOf(row, "register_dumb", g.register_dumb);
  g.map_age = IntOf(row, "map_age", g.map_age);
  g.address_hold = IntOf(row, "address_hold", g.address_hold);
  g.user_addresses = IntOf(row, "user_addresses", g.user_addresses);
  g.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
  g.certificate_domain = row.TextOr("certificate_domain", "");
  g.authentication = MethodOf(row);
  g.authentication_domain = row.TextOr("authentication_domain", "");
  g.minimum = MinimumOf(row).value_or(g.minimum);
  g.session_history_age = IntOf(row, "session_history_age", g.session_history_age);
  g.registration_suites = NumbersOf(row.TextOr("registration_suites", ""));
  return g;
}

Status ValidateTunnel(const InterfacesConfig& interfaces, const InterfaceConfig& interface) {
  const TunnelConfig& t = interface.tunnel;
  if (!t.policy.empty() && t.role != dvpn::Role::kServer)
    return Refuse(Code::kBadValue, interface.name + ": a dvpn policy is only for an interface of type server");
  if (!t.dvpn_class.empty() && t.role != dvpn::Role::kClient)
    return Refuse(Code::kBadValue, interface.name + ": a dvpn class is only for an interface of type client");
  if (t.dvpn_id != 0 && t.role != dvpn::Role::kServer)
    return Refuse(Code::kBadValue, interface.name + ": a client is told its dvpn-id at registration");
  if (t.register_type != dvpn::RegisterType::kNormal && t.role != dvpn::Role::kClient)
    return Refuse(Code::kBadValue, interface.name + ": register-type is only for an interface of type client");
  if (const auto same = interfaces.SameDomain(interface))
    return Refuse(Code::kExists,
                  "dvpn-id " + std::to_string(t.dvpn_id) + " is that of " + same->first->name + " already");
  if (const auto same = interfaces.SameSocket(interface))
    return Refuse(Code::kExists,
                  same->second->name + " needs a source or udp-port other than that of " + same->first->name);
  return {};
}

Result<dvpn::ClientSettings> ClientSettingsOf(const DvpnConfig& config, const TunnelConfig& tunnel) {
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
  out.server_name = c.server_name;
  out.minimum = c.minimum.value_or(config.global.minimum);
  if (c.authenticate_server == dvpn::ServerMethod::kPreShare) {
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
  out.register_interval = dvpn::seconds(config.global.register_interval);
  out.register_retry = config.global.register_retry;
  out.register_dumb = dvpn::seconds(config.global.register_dumb);
  return out;
}

Result<dvpn::ServerSettings> ServerSettingsOf(const DvpnConfig& config, const TunnelConfig& tunnel) {
  if (tunnel.dvpn_id == 0) return {Code::kNotFound, "no dvpn-id is configured"};
  dvpn::ServerSettings out;
  out.dvpn_id = tunnel.dvpn_id;
  bool own_method = false;
  if (auto found = config.policies.find(tunnel.policy); found != config.policies.end()) {
    out.policy = found->second.policy;
    own_method = found->second.authentication_set;
  }
  if (!own_method) {
    out.policy.authentication = config.global.authentication;
    out.policy.isp_domain = config.global.authentication_domain;
  }
  if (config.global.pre_shared_key.set()) {
    std::optional<SecretBytes> key = config.global.pre_shared_key.Reveal();
    if (!key) return {Code::kBadValue, "the cipher text of dvpn server pre-shared-key cannot be opened here"};
    out.pre_shared_key = std::move(*key);
  }
  out.map_age = dvpn::seconds(config.global.map_age);
  out.address_hold = dvpn::seconds(config.global.address_hold);
  out.user_addresses = static_cast<std::size_t>(config.global.user_addresses);
  out.accepted_suites = config.global.registration_suites;
  return out;
}

}  // namespace

void TakeDvpnGlobal(const configdb::Key&, Rows rows, DvpnConfig& config, DvpnDelta& delta) {
  delta.global = true;
  config.global = rows.empty() ? DvpnGlobalConfig() : GlobalOf(rows.front());
}

void TakeDvpnClass(const configdb::Key& key, Rows rows, DvpnConfig& config, DvpnDelta& delta) {
  delta.classes.insert(NameOf(key));
  TakeInto(config.classes, NameOf(key), rows, ClassOf);
}

void TakeDvpnPolicy(const configdb::Key& key, Rows rows, DvpnConfig& config, DvpnDelta& delta) {
  delta.policies.insert(NameOf(key));
  TakeInto(config.policies, NameOf(key), rows, PolicyOf);
}

Status ValidateDvpn(const InterfacesConfig& interfaces, const InterfaceDelta& changed) {
  return EachChanged(interfaces, changed, [&](const InterfaceConfig& interface) {
    return interface.kind == "Tunnel" ? ValidateTunnel(interfaces, interface) : Status();
  });
}

Result<dvpn::TunnelSettings> TunnelSettingsOf(const DvpnConfig& config, const InterfacesConfig& interfaces,
                                              const std::string& sysname, const InterfaceConfig& interface) {
  const TunnelConfig& tunnel = interface.tunnel;
  if (!tunnel.dvpn) return {Code::kUnsupported, "its tunnel-protocol is gre"};
  if (!config.global.service) return {Code::kNotFound, "dvpn service is disabled"};
  if (interface.shutdown) return {Code::kNotFound, "shut down"};
  if (interface.addresses.empty()) return {Code::kNotFound, "no ip address is configured"};
  Result<Ipv4> source = SourceAddress(interfaces, tunnel);
  if (!source.ok()) return source.status();
  dvpn::TunnelSettings out;
  out.name = interface.name;
  out.device_id = sysname;
  out.address = interface.addresses.front();
  out.local = {*source, static_cast<std::uint16_t>(tunnel.udp_port)};
  if (interface.mtu != 0) out.mtu = static_cast<std::size_t>(interface.mtu);
  out.security_acl = tunnel.acl;
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
