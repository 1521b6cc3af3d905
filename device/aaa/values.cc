#include "device/aaa/values.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

using configdb::Row;
using Kind = AaaMethod::Kind;

constexpr std::size_t kMaxSchemes = 16, kMaxDomains = 16;  // domains: Router 3000 page 1023; schemes: recollection
constexpr std::uint16_t kSystemAuthenticationPort = 1645, kSystemAccountingPort = 1646;  // captured, Comware 5.20

bool IsSet(const Row& row, std::string_view flag) {
  return row.IntOr(flag, 0) != 0;
}

LocalUser UserOf(const Row& row) {
  LocalUser user;
  user.name = row.TextOr("name", "");
  user.password = SecretOf(row, "password", "password_form");
  user.dvpn = IsSet(row, "service_dvpn");
  user.ftp = IsSet(row, "service_ftp");
  user.ppp = IsSet(row, "service_ppp");
  user.ssh = IsSet(row, "service_ssh");
  user.telnet = IsSet(row, "service_telnet");
  user.terminal = IsSet(row, "service_terminal");
  user.active = row.TextOr("state", "active") == "active";
  user.level = IntOf(row, "level", 0);
  user.access_limit = IntOf(row, "access_limit", 0);
  user.bind_ip = AddressOf(row, "bind_ip");
  user.bind_nas_ip = AddressOf(row, "bind_nas_ip");
  user.bind_mac = row.TextOr("bind_mac", "");
  user.bind_port = row.TextOr("bind_port", "");
  user.bind_vlan = IntOf(row, "bind_vlan", 0);
  user.idle_cut_seconds = IntOf(row, "idle_cut_seconds", 0);
  user.private_ip = AddressOf(row, "private_ip");
  return user;
}

// The columns of one of scheme, authentication, accounting; `unset` when none of them is.
AaaMethod MethodOf(const Row& row, std::string_view radius, std::string_view hwtacacs, std::string_view local,
                   std::string_view method, const AaaMethod& unset) {
  if (const auto name = row.Text(radius)) return {Kind::kRadius, *name, !local.empty() && IsSet(row, local)};
  if (const auto name = row.Text(hwtacacs)) return {Kind::kHwtacacs, *name, !local.empty() && IsSet(row, local)};
  if (const auto word = row.Text(method)) return {*word == "none" ? Kind::kNone : Kind::kLocal, {}, false};
  return unset;
}

IspDomain DomainOf(const Row& row) {
  IspDomain out;
  out.name = row.TextOr("name", "");
  out.active = row.TextOr("state", "active") == "active";
  out.access_limit = IntOf(row, "access_limit", 0);
  out.scheme = MethodOf(row, "radius_scheme", "hwtacacs_scheme", "scheme_local", "scheme", {});
  out.authentication = MethodOf(row, "authentication_radius", "authentication_hwtacacs", "authentication_local",
                                "authentication", out.scheme);
  out.accounting = MethodOf(row, "accounting_radius", "accounting_hwtacacs", {}, "accounting", out.scheme);
  out.accounting_optional = IsSet(row, "accounting_optional");
  out.idle_minutes = IntOf(row, "idle_minutes", 0);
  out.idle_flow = IntOf(row, "idle_flow", 0);
  out.self_service_url = row.TextOr("self_service_url", "");
  out.super_scheme = row.TextOr("authentication_super", "");
  return out;
}

Endpoint EndpointOf(const Row& row, const std::string& server, Ipv4 address, int port) {
  const Ipv4 given = AddressOf(row, server + "_ip");
  return {given.empty() ? address : given, static_cast<std::uint16_t>(IntOf(row, server + "_port", port))};
}

RadiusServerConfig ServerOf(const Row& row, const std::string& server, Ipv4 address, int port) {
  RadiusServerConfig out;
  out.endpoint = EndpointOf(row, server, address, port);
  const std::string state = row.TextOr(server + "_state", out.endpoint.address.empty() ? "block" : "active");
  out.active = state == "active";
  return out;
}

RadiusScheme RadiusOf(const Row& row) {
  RadiusScheme out;
  out.name = row.TextOr("name", "");
  const bool system = out.name == kSystemName;
  const Ipv4 preset = system ? Ipv4::Parse("127.0.0.1").value_or(Ipv4()) : Ipv4();
  const auto port = [](std::string_view server) {
    return configdb::Preset("radius_scheme", std::string(server) + "_port");
  };
  const int authentication = system ? kSystemAuthenticationPort : port("primary_authentication");
  const int accounting = system ? kSystemAccountingPort : port("primary_accounting");
  out.server_type = row.TextOr("server_type", system ? "extended" : "standard");
  out.authentication = {ServerOf(row, "primary_authentication", preset, authentication),
                        ServerOf(row, "secondary_authentication", {}, port("secondary_authentication"))};
  out.accounting = {ServerOf(row, "primary_accounting", preset, accounting),
                    ServerOf(row, "secondary_accounting", {}, port("secondary_accounting"))};
  out.authentication_key = SecretOf(row, "authentication_key", "authentication_key_form");
  out.accounting_key = SecretOf(row, "accounting_key", "accounting_key_form");
  for (Secret* key : {&out.authentication_key, &out.accounting_key})
    if (!key->set()) *key = {kDefaultRadiusKey, SecretForm::kSimple};
  out.retry = IntOf(row, "retry", out.retry);
  out.response_timeout = IntOf(row, "response_timeout", out.response_timeout);
  out.quiet = IntOf(row, "quiet", out.quiet);
  out.realtime = IntOf(row, "realtime_accounting", out.realtime);
  out.retry_realtime = IntOf(row, "retry_realtime_accounting", out.retry_realtime);
  out.retry_stop = IntOf(row, "retry_stop_accounting", out.retry_stop);
  out.stop_buffer = !IsSet(row, "no_stop_accounting_buffer");
  out.unsigned_answers = IsSet(row, "unsigned_answers");
  out.accounting_optional = IsSet(row, "accounting_optional");
  out.with_domain = row.TextOr("user_name_format", system ? "without-domain" : "with-domain") == "with-domain";
  out.data_unit = row.TextOr("data_unit", out.data_unit);
  out.packet_unit = row.TextOr("packet_unit", out.packet_unit);
  out.nas_ip = AddressOf(row, "nas_ip");
  return out;
}

HwtacacsScheme HwtacacsOf(const Row& row) {
  HwtacacsScheme out;
  out.name = row.TextOr("name", "");
  auto server = [&](const std::string& name) {
    return EndpointOf(row, name, {}, configdb::Preset("hwtacacs_scheme", name + "_port"));
  };
  auto pair = [&](const std::string& kind) {
    return std::array<Endpoint, 2>{server("primary_" + kind), server("secondary_" + kind)};
  };
  out.authentication = pair("authentication");
  out.authorization = pair("authorization");
  out.accounting = pair("accounting");
  out.authentication_key = row.Text("authentication_key").has_value();
  out.authorization_key = row.Text("authorization_key").has_value();
  out.accounting_key = row.Text("accounting_key").has_value();
  out.response_timeout = IntOf(row, "response_timeout", out.response_timeout);
  out.quiet = IntOf(row, "quiet", out.quiet);
  out.realtime = IntOf(row, "realtime_accounting", out.realtime);
  out.retry_stop = IntOf(row, "retry_stop_accounting", out.retry_stop);
  out.with_domain = row.TextOr("user_name_format", "with-domain") == "with-domain";
  out.nas_ip = AddressOf(row, "nas_ip");
  return out;
}

}  // namespace

void TakeAaaGlobal(const configdb::Key&, Rows rows, AaaConfig& config, AaaDelta& delta) {
  delta.domains = true;
  static const Row kNone;
  const Row& row = rows.empty() ? kNone : rows.front();
  config.default_domain = row.TextOr("default_domain", kSystemName);
  config.radius_nas_ip = AddressOf(row, "radius_nas_ip");
  config.trap_authentication = IsSet(row, "radius_trap_authentication");
  config.trap_accounting = IsSet(row, "radius_trap_accounting");
}

void TakeRadiusScheme(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta) {
  delta.domains = delta.radius = true;
  TakeInto(config.radius, NameOf(key), rows, RadiusOf);
}

void TakeHwtacacsScheme(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta) {
  delta.domains = true;
  TakeInto(config.hwtacacs, NameOf(key), rows, HwtacacsOf);
}

void TakeLocalUser(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta&) {
  const std::string name = NameOf(key);
  const auto before = config.users.find(name);
  std::vector<Prefix> networks = before == config.users.end() ? std::vector<Prefix>() : before->second.networks;
  TakeInto(config.users, name, rows, UserOf);
  if (!rows.empty()) config.users[name].networks = std::move(networks);
}

void TakeLocalUserNetworks(const configdb::Key& user, Rows networks, AaaConfig& config, AaaDelta&) {
  const auto found = config.users.find(NameOf(user));
  if (found == config.users.end()) return;
  found->second.networks.clear();
  for (const Row& row : networks)
    found->second.networks.push_back(
        {AddressOf(row, "network"), static_cast<std::uint8_t>(IntOf(row, "mask_length", 0))});
}

void TakeDomain(const configdb::Key& key, Rows rows, AaaConfig& config, AaaDelta& delta) {
  delta.domains = true;
  const std::string name = NameOf(key);
  const auto before = config.domains.find(name);
  std::vector<AddressPool> pools = before == config.domains.end() ? std::vector<AddressPool>() : before->second.pools;
  TakeInto(config.domains, name, rows, DomainOf);
  if (!rows.empty()) config.domains[name].pools = std::move(pools);
}

void TakeDomainPools(const configdb::Key& domain, Rows pools, AaaConfig& config, AaaDelta& delta) {
  delta.domains = true;
  const auto found = config.domains.find(NameOf(domain));
  if (found == config.domains.end()) return;
  found->second.pools.clear();
  for (const Row& row : pools) {
    const Ipv4 low = AddressOf(row, "low"), high = AddressOf(row, "high");
    found->second.pools.push_back({IntOf(row, "number", 0), low, high.empty() ? low : high});
  }
}

Status ValidateAaa(const AaaConfig& config, const AaaDelta& delta) {
  if (!delta.domains) return {};
  if (config.domains.size() > kMaxDomains) return {Code::kBusy, "there are 16 domains already"};
  if (config.radius.size() > kMaxSchemes) return {Code::kBusy, "there are 16 radius schemes already"};
  if (config.hwtacacs.size() > kMaxSchemes) return {Code::kBusy, "there are 16 hwtacacs schemes already"};
  if (!config.domains.contains(config.default_domain))
    return {Code::kNotFound, "the default domain " + config.default_domain + " does not exist"};
  for (const auto& [name, scheme] : config.radius) {
    for (const auto* pair : {&scheme.authentication, &scheme.accounting}) {
      if (!(*pair)[0].endpoint.address.empty() && (*pair)[0].endpoint == (*pair)[1].endpoint)
        return {Code::kExists, "radius scheme " + name + ": the primary and the secondary server are the same"};
    }
  }
  return {};
}

}  // namespace sw::device
