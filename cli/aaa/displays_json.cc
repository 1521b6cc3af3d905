// Keys and passwords are no fields here.
#include <algorithm>

#include "cli/aaa/displays.h"
#include "cli/display/json.h"
#include "cli/display/json_fields.h"

namespace sw::cli {
namespace {

std::string MethodName(const device::AaaMethod& method) {
  switch (method.kind) {
    case device::AaaMethod::Kind::kLocal:
      return "local";
    case device::AaaMethod::Kind::kNone:
      return "none";
    case device::AaaMethod::Kind::kRadius:
      return "radius-scheme " + method.scheme + (method.local ? " local" : "");
    case device::AaaMethod::Kind::kHwtacacs:
      return "hwtacacs-scheme " + method.scheme + (method.local ? " local" : "");
  }
  return {};
}

struct DomainView {
  const device::IspDomain& domain;
  bool preset;
};
constexpr Field<DomainView> kDomain[] = {
    {"name", "string", "Domain", [](const DomainView& v) -> Json { return v.domain.name; }},
    {"active", "boolean", "Users may come in", [](const DomainView& v) -> Json { return v.domain.active; }},
    {"default", "boolean", "Users without a domain are its", [](const DomainView& v) -> Json { return v.preset; }},
    {"scheme", "string", "As configured", [](const DomainView& v) -> Json { return MethodName(v.domain.scheme); }},
    {"authentication", "string", "Of its own, or the scheme",
     [](const DomainView& v) -> Json { return MethodName(v.domain.authentication); }},
    {"accounting", "string", "Of its own, or the scheme",
     [](const DomainView& v) -> Json { return MethodName(v.domain.accounting); }},
    {"accounting_optional", "boolean", "Users stay when no server answers",
     [](const DomainView& v) -> Json { return v.domain.accounting_optional; }},
    {"access_limit", "integer", "Users at a time; 0: any number",
     [](const DomainView& v) -> Json { return v.domain.access_limit; }},
    {"pools", "strings", "ip pool: number, first and last address; stored only",
     [](const DomainView& v) -> Json {
       Json out = Json::array();
       for (const device::AddressPool& pool : v.domain.pools)
         out.push_back(std::to_string(pool.number) + " " + pool.low.ToString() + " " + pool.high.ToString());
       return out;
     }},
};

struct UserView {
  const device::LocalUser& user;
  std::int64_t in;
};
Json Services(const device::LocalUser& user) {
  Json out = Json::array();
  if (user.dvpn) out.push_back("dvpn");
  if (user.ftp) out.push_back("ftp");
  if (user.ppp) out.push_back("ppp");
  if (user.ssh) out.push_back("ssh");
  if (user.telnet) out.push_back("telnet");
  if (user.terminal) out.push_back("terminal");
  return out;
}
constexpr Field<UserView> kUser[] = {
    {"name", "string", "User", [](const UserView& v) -> Json { return v.user.name; }},
    {"active", "boolean", "May come in", [](const UserView& v) -> Json { return v.user.active; }},
    {"services", "strings", "What for", [](const UserView& v) -> Json { return Services(v.user); }},
    {"level", "integer", "Level of commands", [](const UserView& v) -> Json { return v.user.level; }},
    {"access_limit", "integer", "At a time; 0: any number",
     [](const UserView& v) -> Json { return v.user.access_limit; }},
    {"bind_ip", "string", "attribute ip, or empty; stored only",
     [](const UserView& v) -> Json { return v.user.bind_ip.empty() ? "" : v.user.bind_ip.ToString(); }},
    {"bind_mac", "string", "attribute mac, or empty; stored only",
     [](const UserView& v) -> Json { return v.user.bind_mac; }},
    {"bind_vlan", "integer", "attribute vlan; 0: none; stored only",
     [](const UserView& v) -> Json { return v.user.bind_vlan; }},
    {"bind_nas_ip", "string", "attribute location nas-ip, or empty; stored only",
     [](const UserView& v) -> Json { return v.user.bind_nas_ip.empty() ? "" : v.user.bind_nas_ip.ToString(); }},
    {"bind_port", "string", "attribute location port, or empty; stored only",
     [](const UserView& v) -> Json { return v.user.bind_port; }},
    {"idle_cut_seconds", "integer", "attribute idle-cut; 0: none; stored only",
     [](const UserView& v) -> Json { return v.user.idle_cut_seconds; }},
    {"in", "integer", "How often in now", [](const UserView& v) -> Json { return v.in; }},
};

struct ServerView {
  std::string_view role;
  std::string address;
  int port;
  bool asked;                  // configured and active
  std::int64_t quiet_seconds;  // not asked for so long; 0: asked
};
constexpr Field<ServerView> kServer[] = {
    {"role", "string", "primary authentication and so on", [](const ServerView& v) -> Json { return v.role; }},
    {"address", "string", "0.0.0.0: none", [](const ServerView& v) -> Json { return v.address; }},
    {"port", "integer", "UDP port", [](const ServerView& v) -> Json { return v.port; }},
    {"active", "boolean", "Configured and not blocked", [](const ServerView& v) -> Json { return v.asked; }},
    {"quiet_seconds", "integer", "It has not answered and is left alone so long",
     [](const ServerView& v) -> Json { return v.quiet_seconds; }},
};
struct RadiusView {
  const device::RadiusScheme& scheme;
  const device::RadiusClient& client;
};
Json RadiusServers(const RadiusView& view) {
  std::vector<ServerView> out;
  const auto add = [&](std::string_view role, const device::RadiusServerConfig& server) {
    const bool asked = server.active && !server.endpoint.address.empty();
    out.push_back({role, server.endpoint.address.ToString(), server.endpoint.port, asked,
                   asked ? SecondsOf(view.client.quiet(server.endpoint)) : 0});
  };
  add("primary authentication", view.scheme.authentication[0]);
  add("secondary authentication", view.scheme.authentication[1]);
  add("primary accounting", view.scheme.accounting[0]);
  add("secondary accounting", view.scheme.accounting[1]);
  return Array(All(kServer), out);
}
constexpr Field<RadiusView> kRadius[] = {
    {"name", "string", "Scheme", [](const RadiusView& v) -> Json { return v.scheme.name; }},
    {"server_type", "string", "As configured", [](const RadiusView& v) -> Json { return v.scheme.server_type; }},
    {"servers", "model", "Four, used or not", RadiusServers, [] { return ArraySchema(All(kServer)); }},
    {"response_timeout", "integer", "Seconds", [](const RadiusView& v) -> Json { return v.scheme.response_timeout; }},
    {"retry", "integer", "Transmissions to one server", [](const RadiusView& v) -> Json { return v.scheme.retry; }},
    {"quiet", "integer", "Minutes", [](const RadiusView& v) -> Json { return v.scheme.quiet; }},
    {"realtime_accounting", "integer", "Minutes", [](const RadiusView& v) -> Json { return v.scheme.realtime; }},
    {"retry_realtime_accounting", "integer", "Reports without an answer",
     [](const RadiusView& v) -> Json { return v.scheme.retry_realtime; }},
    {"retry_stop_accounting", "integer", "Transmissions",
     [](const RadiusView& v) -> Json { return v.scheme.retry_stop; }},
    {"stop_accounting_buffer", "boolean", "Stops are kept",
     [](const RadiusView& v) -> Json { return v.scheme.stop_buffer; }},
    {"with_domain", "boolean", "User names go with their domain",
     [](const RadiusView& v) -> Json { return v.scheme.with_domain; }},
};

using Hwtacacs = device::HwtacacsScheme;
Json HwtacacsServers(const Hwtacacs& scheme) {
  std::vector<ServerView> out;
  const auto add = [&](std::string_view role, const Endpoint& server) {
    out.push_back({role, server.address.ToString(), server.port, false, 0});
  };
  add("primary authentication", scheme.authentication[0]);
  add("secondary authentication", scheme.authentication[1]);
  add("primary authorization", scheme.authorization[0]);
  add("secondary authorization", scheme.authorization[1]);
  add("primary accounting", scheme.accounting[0]);
  add("secondary accounting", scheme.accounting[1]);
  return Array(All(kServer), out);
}
constexpr Field<Hwtacacs> kHwtacacs[] = {
    {"name", "string", "Scheme; stored only", [](const Hwtacacs& v) -> Json { return v.name; }},
    {"servers", "model", "Six, used or not; none is asked", HwtacacsServers, [] { return ArraySchema(All(kServer)); }},
    {"response_timeout", "integer", "Seconds", [](const Hwtacacs& v) -> Json { return v.response_timeout; }},
    {"quiet", "integer", "Minutes", [](const Hwtacacs& v) -> Json { return v.quiet; }},
    {"realtime_accounting", "integer", "Minutes", [](const Hwtacacs& v) -> Json { return v.realtime; }},
};

using Statistics = device::RadiusStatistics;
constexpr Field<Statistics> kStatistics[] = {
    {"requests", "integer", "Sent", [](const Statistics& v) -> Json { return v.requests; }},
    {"retransmissions", "integer", "Sent again", [](const Statistics& v) -> Json { return v.retransmissions; }},
    {"accepted", "integer", "Users", [](const Statistics& v) -> Json { return v.accepted; }},
    {"rejected", "integer", "Users", [](const Statistics& v) -> Json { return v.rejected; }},
    {"accounted", "integer", "Answers", [](const Statistics& v) -> Json { return v.accounted; }},
    {"unanswered", "integer", "Requests that no server answered",
     [](const Statistics& v) -> Json { return v.unanswered; }},
    {"discarded", "integer", "Datagrams that were no valid answer",
     [](const Statistics& v) -> Json { return v.discarded; }},
};

struct ConnectionView {
  const device::Connection& connection;
  Time now;
};
constexpr Field<ConnectionView> kConnection[] = {
    {"index", "integer", "Number", [](const ConnectionView& v) -> Json { return v.connection.index; }},
    {"user", "string", "User", [](const ConnectionView& v) -> Json { return v.connection.user; }},
    {"domain", "string", "Domain", [](const ConnectionView& v) -> Json { return v.connection.domain; }},
    {"service", "string", "What for",
     [](const ConnectionView& v) -> Json { return device::Name(v.connection.service); }},
    {"address", "string", "DVPN: within the VPN; 0.0.0.0: none",
     [](const ConnectionView& v) -> Json { return v.connection.address.ToString(); }},
    {"from", "string", "Where from, or empty", [](const ConnectionView& v) -> Json { return v.connection.from; }},
    {"checked_by", "string", "Who said yes", [](const ConnectionView& v) -> Json { return v.connection.checked_by; }},
    {"accounting", "string", "RADIUS scheme that is told, or empty",
     [](const ConnectionView& v) -> Json { return v.connection.accounting; }},
    {"online_seconds", "integer", "Since the login",
     [](const ConnectionView& v) -> Json { return SecondsOf(v.now - v.connection.since); }},
};

struct StopView {
  const device::BufferedStop& stop;
  Time now;
};
constexpr Field<StopView> kStop[] = {
    {"scheme", "string", "RADIUS scheme", [](const StopView& v) -> Json { return v.stop.scheme; }},
    {"user", "string", "User", [](const StopView& v) -> Json { return v.stop.user; }},
    {"session_id", "string", "Session", [](const StopView& v) -> Json { return v.stop.session_id; }},
    {"sent", "integer", "Transmissions", [](const StopView& v) -> Json { return v.stop.sent; }},
    {"waiting_seconds", "integer", "Since the stop",
     [](const StopView& v) -> Json { return SecondsOf(v.now - v.stop.since); }},
};

}  // namespace

std::string DomainsJson(const device::AaaConfig& config, const std::vector<const device::IspDomain*>& domains) {
  std::vector<DomainView> views;
  for (const device::IspDomain* domain : domains) views.push_back({*domain, domain->name == config.default_domain});
  return ListText("domains", All(kDomain), views);
}
std::string LocalUsersJson(const std::vector<const device::LocalUser*>& users,
                           const std::vector<device::Connection>& in) {
  std::vector<UserView> views;
  for (const device::LocalUser* user : users)
    views.push_back({*user, std::ranges::count_if(in, [&](const device::Connection& c) {
                       return c.checked_by == "local" && c.user == user->name;
                     })});
  return ListText("users", All(kUser), views);
}
std::string RadiusSchemesJson(const std::vector<const device::RadiusScheme*>& schemes,
                              const device::RadiusClient& client) {
  std::vector<RadiusView> views;
  for (const device::RadiusScheme* scheme : schemes) views.push_back({*scheme, client});
  return ListText("schemes", All(kRadius), views);
}
std::string HwtacacsSchemesJson(const std::vector<const device::HwtacacsScheme*>& schemes) {
  std::vector<Hwtacacs> copies;
  for (const device::HwtacacsScheme* scheme : schemes) copies.push_back(*scheme);
  return ListText("schemes", All(kHwtacacs), copies);
}
std::string RadiusStatisticsJson(const device::RadiusStatistics& statistics) {
  return Object(All(kStatistics), statistics).dump();
}
std::string ConnectionsJson(Time now, const std::vector<device::Connection>& connections) {
  std::vector<ConnectionView> views;
  for (const device::Connection& connection : connections) views.push_back({connection, now});
  return ListText("connections", All(kConnection), views);
}
std::string BufferedStopsJson(Time now, const std::vector<device::BufferedStop>& stops) {
  std::vector<StopView> views;
  for (const device::BufferedStop& stop : stops) views.push_back({stop, now});
  return ListText("stops", All(kStop), views);
}

std::span<const JsonModel> AaaJsonModels() {
  static constexpr JsonModel kModels[] = {
      {"display domain", [] { return ListSchema("domains", All(kDomain)); }},
      {"display local-user", [] { return ListSchema("users", All(kUser)); }},
      {"display radius scheme", [] { return ListSchema("schemes", All(kRadius)); }},
      {"display radius statistics", [] { return ObjectSchema(All(kStatistics)); }},
      {"display hwtacacs", [] { return ListSchema("schemes", All(kHwtacacs)); }},
      {"display connection", [] { return ListSchema("connections", All(kConnection)); }},
      {"display stop-accounting-buffer", [] { return ListSchema("stops", All(kStop)); }},
  };
  return kModels;
}

}  // namespace sw::cli
