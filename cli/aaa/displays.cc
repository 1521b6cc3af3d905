#include "cli/aaa/displays.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {
namespace {

using device::AaaMethod;

std::string_view Switched(bool on) {
  return on ? "Active" : "Block";
}

std::string LimitText(int limit) {
  return limit == 0 ? "Disable" : fmt::format("{}", limit);
}

std::string MethodText(const AaaMethod& method) {
  const std::string_view local = method.local ? "  (LOCAL when no server answers)" : "";
  switch (method.kind) {
    case AaaMethod::Kind::kLocal:
      return "LOCAL";
    case AaaMethod::Kind::kNone:
      return "NONE";
    case AaaMethod::Kind::kRadius:
      return fmt::format("RADIUS={}{}", method.scheme, local);
    case AaaMethod::Kind::kHwtacacs:
      return fmt::format("HWTACACS={}{}, stored only", method.scheme, local);
  }
  return {};
}

std::string Age(Duration age) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// "state=active", or why a server is not asked now.
std::string StateText(const device::RadiusServerConfig& server, const device::RadiusClient& client) {
  if (!server.active || server.endpoint.address.empty()) return "block";
  const Duration quiet = client.quiet(server.endpoint);
  return quiet == Duration{0} ? "active" : "block, quiet for " + Age(quiet);
}

std::string ServiceMask(const device::LocalUser& user) {
  std::string out;
  if (user.terminal) out += 'C';
  if (user.dvpn) out += 'D';
  if (user.ftp) out += 'F';
  if (user.ppp) out += 'P';
  if (user.ssh) out += 'S';
  if (user.telnet) out += 'T';
  return out.empty() ? "None" : out;
}

std::string LocationText(const device::LocalUser& user) {
  return user.bind_nas_ip.empty() ? user.bind_port : user.bind_nas_ip.ToString() + " " + user.bind_port;
}

// `attribute`, which nothing here asks about.
std::string AttributeText(const std::string& value) {
  return value.empty() ? "Disable" : value + ", stored only";
}

const std::string kRule = std::string(66, '-') + "\n";

}  // namespace

std::string DomainsText(const device::AaaConfig& config, const std::vector<const device::IspDomain*>& domains) {
  std::string out;
  std::size_t index = 0;
  for (const device::IspDomain* domain : domains) {
    out += fmt::format("{}  Domain = {}\n   State = {}\n   Scheme =  {}\n", index++, domain->name,
                       Switched(domain->active), MethodText(domain->scheme));
    if (domain->authentication != domain->scheme)
      out += fmt::format("   Authentication =  {}\n", MethodText(domain->authentication));
    if (domain->accounting != domain->scheme)
      out += fmt::format("   Accounting =  {}\n", MethodText(domain->accounting));
    out += fmt::format("   Accounting optional = {}\n   Access-limit = {}\n   Domain User Template:\n",
                       domain->accounting_optional ? "Enable" : "Disable", LimitText(domain->access_limit));
    out += domain->idle_minutes == 0
               ? "   Idle-cut = Disable\n"
               : fmt::format("   Idle-cut = {} min, {} bytes, stored only\n", domain->idle_minutes, domain->idle_flow);
    out += domain->self_service_url.empty()
               ? "   Self-service = Disable\n"
               : fmt::format("   Self-service URL = {}, stored only\n", domain->self_service_url);
    if (!domain->super_scheme.empty())
      out += fmt::format("   Authentication super = HWTACACS={}, stored only\n", domain->super_scheme);
    for (const device::AddressPool& pool : domain->pools) {
      out += fmt::format("   IP pool {} = {} to {}, stored only\n", pool.number, pool.low.ToString(),
                         pool.high.ToString());
    }
    out += "\n";
  }
  return out + fmt::format("Default Domain Name: {}\nTotal {} domain(s).{} listed.\n", config.default_domain,
                           config.domains.size(), domains.size());
}

std::string LocalUsersText(const std::vector<const device::LocalUser*>& users,
                           const std::vector<device::Connection>& in) {
  std::string out;
  std::size_t index = 0;
  for (const device::LocalUser* user : users) {
    const auto count = std::ranges::count_if(
        in, [&](const device::Connection& c) { return c.checked_by == "local" && c.user == user->name; });
    out += fmt::format(
        "{:<5}The contents of local user {}:\n {:<19}{:<19}{:<21}{}\n {:<19}{}\n {:<19}{:<19}{:<21}{}\n "
        "{:<19}{}\n {:<19}{}\n {:<19}{}\n {:<19}{}\n {:<19}{}\n",
        index++, user->name, "State:", Switched(user->active), "ServiceType Mask:", ServiceMask(*user),
        "Idle-cut:", AttributeText(user->idle_cut_seconds == 0 ? "" : fmt::format("{} s", user->idle_cut_seconds)),
        "Access-limit:", LimitText(user->access_limit), "Current AccessNum:", count,
        "Bind location:", AttributeText(LocationText(*user)),
        "Vlan ID:", AttributeText(user->bind_vlan == 0 ? "" : fmt::format("{}", user->bind_vlan)),
        "IP address:", AttributeText(user->bind_ip.empty() ? "" : user->bind_ip.ToString()),
        "MAC address:", AttributeText(user->bind_mac), "User Privilege:", user->level);
  }
  return out + fmt::format("Total {} local user(s) Matched, {} listed.\n", users.size(), users.size()) +
         "ServiceType Mask Meaning: C--Terminal  D--DVPN  F--FTP  P--PPP  S--SSH  T--Telnet\n";
}

std::string RadiusSchemesText(const std::vector<const device::RadiusScheme*>& schemes,
                              const device::RadiusClient& client) {
  std::string out = kRule;
  std::size_t index = 0;
  for (const device::RadiusScheme* scheme : schemes) {
    out += fmt::format("SchemeName  ={:<33}Index={:<5}Type={}\n", scheme->name, index++, scheme->server_type);
    auto server = [&](std::string_view name, const device::RadiusServerConfig& s) {
      out += fmt::format("{} IP  ={:<17}Port={:<7}State={}\n", name, s.endpoint.address.ToString(), s.endpoint.port,
                         StateText(s, client));
    };
    server("Primary Auth", scheme->authentication[0]);
    server("Primary Acct", scheme->accounting[0]);
    server("Second  Auth", scheme->authentication[1]);
    server("Second  Acct", scheme->accounting[1]);
    auto key = [](const device::Secret& secret) { return secret.cipher ? std::string("******") : secret.text; };
    out += fmt::format("Auth Server Encryption Key= {}\nAcct Server Encryption Key= {}\n",
                       key(scheme->authentication_key), key(scheme->accounting_key));
    out += fmt::format("TimeOutValue(in second)={} RetryTimes={} RealtimeACCT(in minute)={}\n",
                       scheme->response_timeout, scheme->retry, scheme->realtime);
    out += fmt::format("{:<48}={}\n", "Permitted send realtime PKT failed counts", scheme->retry_realtime);
    out += fmt::format("{:<48}={}\n", "Retry sending times of noresponse acct-stop-PKT", scheme->retry_stop);
    out += fmt::format("{:<48}={}\n", "Buffering of acct-stop-PKT", scheme->stop_buffer ? "enabled" : "disabled");
    out += fmt::format("{:<48}={}\n", "Quiet-interval(min)", scheme->quiet);
    out += fmt::format("{:<48}={}\n", "Username format", scheme->with_domain ? "with-domain" : "without-domain");
    out += fmt::format("{:<48}={}\n", "Data flow unit", scheme->data_unit);
    out += fmt::format("{:<48}={}\n", "Packet unit", scheme->packet_unit);
    if (!scheme->nas_ip.empty()) out += fmt::format("{:<48}={}\n", "NAS-IP", scheme->nas_ip.ToString());
    out += kRule;
  }
  return out + fmt::format("Total {} RADIUS scheme(s). {} listed\n", schemes.size(), schemes.size());
}

std::string HwtacacsSchemesText(const std::vector<const device::HwtacacsScheme*>& schemes) {
  std::string out = kRule;
  for (const device::HwtacacsScheme* scheme : schemes) {
    out += fmt::format("HWTACACS-server template name     : {}, stored only\n", scheme->name);
    auto servers = [&](std::string_view kind, const std::array<Endpoint, 2>& pair) {
      out += fmt::format("  Primary-{:<26}: {}\n  Secondary-{:<24}: {}\n", kind, pair[0].ToString(), kind,
                         pair[1].ToString());
    };
    servers("authentication-server", scheme->authentication);
    servers("authorization-server", scheme->authorization);
    servers("accounting-server", scheme->accounting);
    auto key = [](bool set) { return set ? "set" : "not set"; };
    out += fmt::format("  Keys: authentication {}, authorization {}, accounting {}\n", key(scheme->authentication_key),
                       key(scheme->authorization_key), key(scheme->accounting_key));
    out += fmt::format("  Quiet-interval(min): {}  Response-timeout(sec): {}  Realtime-accounting(min): {}\n",
                       scheme->quiet, scheme->response_timeout, scheme->realtime);
    out += fmt::format("  Acct-stop-PKT retransmit times: {}  Domain-included: {}\n", scheme->retry_stop,
                       scheme->with_domain ? "Yes" : "No");
    if (!scheme->nas_ip.empty()) out += fmt::format("  NAS-IP: {}\n", scheme->nas_ip.ToString());
    out += kRule;
  }
  return out + fmt::format("Total {} HWTACACS scheme(s). {} listed\n", schemes.size(), schemes.size());
}

std::string RadiusStatisticsText(const device::RadiusStatistics& s) {
  return fmt::format(
      " Requests sent            : {}\n Retransmissions          : {}\n Users accepted           : {}\n"
      " Users rejected           : {}\n Accounting answers       : {}\n Without any answer       : {}\n"
      " Answers discarded        : {}\n",
      s.requests, s.retransmissions, s.accepted, s.rejected, s.accounted, s.unanswered, s.discarded);
}

std::string ConnectionsText(Time now, const std::vector<device::Connection>& connections) {
  std::string out;
  for (const device::Connection& c : connections) {
    out +=
        fmt::format("Index={} ,Username={}\nDomain={} ,Access={} ,IP={} ,From={}\nAuth by={} ,Acct by={} ,Online={}\n",
                    c.index, c.user, c.domain, device::Name(c.service), c.address.empty() ? "-" : c.address.ToString(),
                    c.from.empty() ? "-" : c.from, c.checked_by,
                    c.accounting.empty() ? "none" : "radius scheme " + c.accounting, Age(now - c.since));
  }
  return out + fmt::format("Total {} connections matched, {} listed.\n", connections.size(), connections.size());
}

std::string BufferedStopsText(Time now, const std::vector<device::BufferedStop>& stops) {
  std::string out;
  for (const device::BufferedStop& stop : stops)
    out += fmt::format(" Scheme={} ,Username={} ,Session={} ,Sent={} ,Waiting={}\n", stop.scheme, stop.user,
                       stop.session_id, stop.sent, Age(now - stop.since));
  return out + fmt::format("Total find {} record\n", stops.size());
}

}  // namespace sw::cli
