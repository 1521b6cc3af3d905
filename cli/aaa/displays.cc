#include "cli/aaa/displays.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {
namespace {

std::string LimitText(const Value& value) {
  const std::string text = PlainText(value);
  return text == "0" ? "Disable" : text;
}
// `attribute`, which nothing here asks about.
std::string StoredText(const Value& value) {
  const std::string text = PlainText(value);
  return text.empty() || text == "0" ? "Disable" : text + ", stored only";
}
constexpr Look kStored{{}, 0, StoredText}, kLimit{{}, 0, LimitText};

std::string MethodName(const device::AaaMethod& method) {
  const std::string local = method.local ? " local" : "";
  switch (method.kind) {
    case device::AaaMethod::Kind::kLocal:
      return "local";
    case device::AaaMethod::Kind::kNone:
      return "none";
    case device::AaaMethod::Kind::kRadius:
      return "radius-scheme " + method.scheme + local;
    case device::AaaMethod::Kind::kHwtacacs:
      return "hwtacacs-scheme " + method.scheme + local;
  }
  return {};
}
// Of a method's name.
std::string MethodText(const Value& value) {
  std::string_view name = std::get<std::string>(value.held);
  if (name == "local") return "LOCAL";
  if (name == "none") return "NONE";
  const bool radius = name.starts_with("radius");
  name.remove_prefix(name.find(' ') + 1);
  const std::string_view local = name.ends_with(" local") ? "  (LOCAL when no server answers)" : "";
  return fmt::format("{}={}{}{}", radius ? "RADIUS" : "HWTACACS", name.substr(0, name.find(' ')), local,
                     radius ? "" : ", stored only");
}
constexpr Look kMethod{{}, 0, MethodText};

constexpr auto kPool = Fields<device::AddressPool>({
    {"number", "ip pool", [](auto& v) { return v.number; }},
    {"first", "Address", [](auto& v) { return v.low; }},
    {"last", "Address", [](auto& v) { return v.high; }},
});
struct DomainView {
  const device::IspDomain& domain;
  std::size_t index;
  bool preset;
};
constexpr auto kDomain = Fields<DomainView>({
    {"index", "In the list shown", [](auto& v) { return v.index; }},
    {"name", "Domain", [](auto& v) { return v.domain.name; }},
    {"active", "Users may come in", [](auto& v) { return v.domain.active; }},
    {"default", "Users without a domain are its", [](auto& v) { return v.preset; }},
    {"scheme", "As configured", [](auto& v) { return MethodName(v.domain.scheme); }, kMethod},
    {"authentication", "Of its own, or the scheme", [](auto& v) { return MethodName(v.domain.authentication); },
     kMethod},
    {"own_authentication", "It is not the scheme", [](auto& v) { return v.domain.authentication != v.domain.scheme; }},
    {"accounting", "Of its own, or the scheme", [](auto& v) { return MethodName(v.domain.accounting); }, kMethod},
    {"own_accounting", "It is not the scheme", [](auto& v) { return v.domain.accounting != v.domain.scheme; }},
    {"accounting_optional", "Users stay when no server answers", [](auto& v) { return v.domain.accounting_optional; }},
    {"access_limit", "Users at a time; 0: any number", [](auto& v) { return v.domain.access_limit; }, kLimit},
    {"idle_minutes", "idle-cut; 0: none; stored only", [](auto& v) { return v.domain.idle_minutes; }},
    {"idle_bytes", "idle-cut; stored only", [](auto& v) { return v.domain.idle_flow; }},
    {"self_service_url", "As configured, or empty; stored only", [](auto& v) { return v.domain.self_service_url; }},
    {"super_scheme", "HWTACACS scheme of super, or empty; stored only", [](auto& v) { return v.domain.super_scheme; }},
    {"pools", "ip pool; stored only", [](auto& v) { return List<kPool>(v.domain.pools); }},
});
ListOf<kDomain> Domains(const DomainsView& view) {
  std::vector<DomainView> out;
  for (const device::IspDomain* domain : view.domains)
    out.push_back({*domain, out.size(), domain->name == view.config.default_domain});
  return List<kDomain>(out);
}
constexpr auto kDomains = Fields<DomainsView>({
    {"domains", "By name", [](auto& v) { return Domains(v); }},
    {"default_domain", "Of users without one", [](auto& v) { return v.config.default_domain; }},
    {"total", "Domains of the device", [](auto& v) { return v.config.domains.size(); }},
});

struct UserView {
  const device::LocalUser& user;
  std::size_t index;
  std::int64_t in;
};
std::vector<std::string> Services(const device::LocalUser& user) {
  std::vector<std::string> out;
  if (user.dvpn) out.emplace_back("dvpn");
  if (user.ftp) out.emplace_back("ftp");
  if (user.ppp) out.emplace_back("ppp");
  if (user.ssh) out.emplace_back("ssh");
  if (user.telnet) out.emplace_back("telnet");
  if (user.terminal) out.emplace_back("terminal");
  return out;
}
// Their letters; C stands for the terminal, which is the console.
std::string ServiceMask(const Value& value) {
  std::string out;
  for (const std::string& service : std::get<std::vector<std::string>>(value.held))
    out += service == "terminal" ? 'C' : static_cast<char>(service.front() - 'a' + 'A');
  std::ranges::sort(out);
  return out.empty() ? "None" : out;
}
std::string AddressOrNothing(Ipv4 address) {
  return address.empty() ? "" : address.ToString();
}
std::string LocationOf(const device::LocalUser& user) {
  return user.bind_nas_ip.empty() ? user.bind_port : user.bind_nas_ip.ToString() + " " + user.bind_port;
}
std::vector<std::string> Networks(const device::LocalUser& user) {
  std::vector<std::string> out;
  for (const Prefix& network : user.networks) out.push_back(network.ToString());
  return out;
}
std::string Joined(const Value& value) {
  std::string out;
  for (const std::string& each : std::get<std::vector<std::string>>(value.held))
    out += (out.empty() ? "" : ", ") + each;
  return out;
}
std::string IdleText(const Value& value) {
  const std::string text = PlainText(value);
  return text == "0" ? "Disable" : text + " s, stored only";
}
constexpr auto kUser = Fields<UserView>({
    {"index", "In the list shown", [](auto& v) { return v.index; }},
    {"name", "User", [](auto& v) { return v.user.name; }},
    {"active", "May come in", [](auto& v) { return v.user.active; }},
    {"services", "What for", [](auto& v) { return Services(v.user); }, {{}, 0, ServiceMask}},
    {"level", "Level of commands", [](auto& v) { return v.user.level; }},
    {"access_limit", "At a time; 0: any number", [](auto& v) { return v.user.access_limit; }, kLimit},
    {"bind_ip", "attribute ip, or empty; stored only", [](auto& v) { return AddressOrNothing(v.user.bind_ip); },
     kStored},
    {"bind_mac", "attribute mac, or empty; stored only", [](auto& v) { return v.user.bind_mac; }, kStored},
    {"bind_vlan", "attribute vlan; 0: none; stored only", [](auto& v) { return v.user.bind_vlan; }, kStored},
    {"bind_nas_ip", "attribute location nas-ip, or empty; stored only",
     [](auto& v) { return AddressOrNothing(v.user.bind_nas_ip); }},
    {"bind_port", "attribute location port, or empty; stored only", [](auto& v) { return v.user.bind_port; }},
    {"bind_location", "Both of them", [](auto& v) { return LocationOf(v.user); }, kStored},
    {"idle_cut_seconds",
     "attribute idle-cut; 0: none; stored only",
     [](auto& v) { return v.user.idle_cut_seconds; },
     {{}, 0, IdleText}},
    {"private_ip", "private-ip, or empty; extension", [](auto& v) { return AddressOrNothing(v.user.private_ip); }},
    {"networks", "network; extension", [](auto& v) { return Networks(v.user); }, {{}, 0, Joined}},
    {"in", "How often in now", [](auto& v) { return v.in; }},
});
ListOf<kUser> Users(const LocalUsersView& view) {
  std::vector<UserView> out;
  for (const device::LocalUser* user : view.users)
    out.push_back({*user, out.size(), std::ranges::count_if(view.in, [&](const device::Connection& c) {
                     return c.checked_by == "local" && c.user == user->name;
                   })});
  return List<kUser>(out);
}
constexpr auto kUsers = Fields<LocalUsersView>({
    {"users", "By name", [](auto& v) { return Users(v); }},
});

struct ConnectionView {
  const device::Connection& connection;
  Time now;
};
constexpr auto kConnection = Fields<ConnectionView>({
    {"index", "Number", [](auto& v) { return v.connection.index; }},
    {"user", "User", [](auto& v) { return v.connection.user; }},
    {"domain", "Domain", [](auto& v) { return v.connection.domain; }},
    {"service", "What for", [](auto& v) { return device::Name(v.connection.service); }},
    {"address",
     "DVPN: within the VPN, or empty",
     [](auto& v) { return AddressOrNothing(v.connection.address); },
     {{}, 0, OrDash}},
    {"from", "Where from, or empty", [](auto& v) { return v.connection.from; }, {{}, 0, OrDash}},
    {"checked_by", "Who said yes", [](auto& v) { return v.connection.checked_by; }},
    {"accounting", "RADIUS scheme that is told, or empty", [](auto& v) { return v.connection.accounting; }},
    {"online_seconds", "Since the login", [](auto& v) { return v.now - v.connection.since; }, {{}, 0, AgeText}},
});
ListOf<kConnection> Connections(const ConnectionsView& view) {
  std::vector<ConnectionView> out;
  for (const device::Connection& connection : view.connections) out.push_back({connection, view.now});
  return List<kConnection>(out);
}
constexpr auto kConnections = Fields<ConnectionsView>({
    {"connections", "Users who are in", [](auto& v) { return Connections(v); }},
});

}  // namespace

constexpr DisplayOf<DomainsView> kDomainsDisplay(
    kDomains,
    "{*domains}{index}  Domain = {name}\n"
    "   State = {?active}Active{:}Block{/}\n"
    "   Scheme =  {scheme}\n"
    "{?own_authentication}   Authentication =  {authentication}\n{/}"
    "{?own_accounting}   Accounting =  {accounting}\n{/}"
    "   Accounting optional = {?accounting_optional}Enable{:}Disable{/}\n"
    "   Access-limit = {access_limit}\n"
    "   Domain User Template:\n"
    "   Idle-cut = {?idle_minutes}{idle_minutes} min, {idle_bytes} bytes, stored only{:}Disable{/}\n"
    "   Self-service {?self_service_url}URL = {self_service_url}, stored only{:}= Disable{/}\n"
    "{?super_scheme}   Authentication super = HWTACACS={super_scheme}, stored only\n{/}"
    "{*pools}   IP pool {number} = {first} to {last}, stored only\n{/}"
    "\n{/}"
    "Default Domain Name: {default_domain}\nTotal {total} domain(s).{domains} listed.\n");
constexpr DisplayOf<LocalUsersView> kLocalUsersDisplay(
    kUsers,
    "{*users}{index:5}The contents of local user {name}:\n"
    " State:             {?active}Active             {:}Block              {/}ServiceType Mask:    {services}\n"
    " Idle-cut:          {idle_cut_seconds}\n"
    " Access-limit:      {access_limit:19}Current AccessNum:   {in}\n"
    " Bind location:     {bind_location}\n"
    " Vlan ID:           {bind_vlan}\n"
    " IP address:        {bind_ip}\n"
    " MAC address:       {bind_mac}\n"
    " User Privilege:    {level}\n"
    "{?private_ip} Private IP:        {private_ip} (extension)\n{/}"
    "{?networks} Networks:          {networks} (extension)\n{/}{/}"
    "Total {users} local user(s) Matched, {users} listed.\n"
    "ServiceType Mask Meaning: C--Terminal  D--DVPN  F--FTP  P--PPP  S--SSH  T--Telnet\n");
constexpr DisplayOf<ConnectionsView> kConnectionsDisplay(
    kConnections,
    "{*connections}Index={index} ,Username={user}\n"
    "Domain={domain} ,Access={service} ,IP={address} ,From={from}\n"
    "Auth by={checked_by} ,Acct by={?accounting}radius scheme {accounting}{:}none{/} ,Online={online_seconds}\n{/}"
    "Total {connections} connections matched, {connections} listed.\n");

}  // namespace sw::cli
