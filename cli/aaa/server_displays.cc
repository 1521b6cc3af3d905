// Servers: RADIUS, HWTACACS, the local one.
#include <array>

#include "cli/aaa/displays.h"
#include "cli/display/mask.h"

namespace sw::cli {
namespace {

struct ServerView {
  std::string_view role;
  std::string address;
  int port;
  bool asked;      // configured and active
  Duration quiet;  // not asked for so long; 0: asked
};
constexpr auto kServer = Fields<ServerView>({
    {"role", "Primary Auth and so on", [](auto& v) { return v.role; }},
    {"address", "0.0.0.0: none", [](auto& v) { return v.address; }},
    {"port", "UDP port", [](auto& v) { return v.port; }},
    {"active", "Configured and not blocked", [](auto& v) { return v.asked; }},
    {"quiet_seconds",
     "It has not answered and is left alone so long",
     [](auto& v) { return v.quiet; },
     {{}, 0, AgeText}},
});

struct RadiusView {
  const device::RadiusScheme& scheme;
  const device::RadiusClient& client;
  std::size_t index;
};
ListOf<kServer> RadiusServers(const RadiusView& view) {
  std::vector<ServerView> out;
  const auto add = [&](std::string_view role, const device::RadiusServerConfig& server) {
    const bool asked = server.active && !server.endpoint.address.empty();
    out.push_back({role, server.endpoint.address.ToString(), server.endpoint.port, asked,
                   asked ? view.client.quiet(server.endpoint) : Duration{0}});
  };
  add("Primary Auth", view.scheme.authentication[0]);
  add("Primary Acct", view.scheme.accounting[0]);
  add("Second  Auth", view.scheme.authentication[1]);
  add("Second  Acct", view.scheme.accounting[1]);
  return List<kServer>(out);
}
// A key that was typed as cipher text is shown to nobody.
std::string KeyText(const device::Secret& secret) {
  return secret.form != device::SecretForm::kSimple ? std::string(kMask) : secret.text;
}
constexpr auto kRadius = Fields<RadiusView>({
    {"name", "Scheme", [](auto& v) { return v.scheme.name; }},
    {"index", "In the list shown", [](auto& v) { return v.index; }},
    {"server_type", "As configured", [](auto& v) { return v.scheme.server_type; }},
    {"servers", "Four, used or not", [](auto& v) { return RadiusServers(v); }},
    {"authentication_key",
     "Shown to level 3 alone",
     [](auto& v) { return KeyText(v.scheme.authentication_key); },
     {},
     kSecretLevel},
    {"accounting_key",
     "Shown to level 3 alone",
     [](auto& v) { return KeyText(v.scheme.accounting_key); },
     {},
     kSecretLevel},
    {"response_timeout", "Seconds", [](auto& v) { return v.scheme.response_timeout; }},
    {"retry", "Transmissions to one server", [](auto& v) { return v.scheme.retry; }},
    {"realtime_accounting", "Minutes", [](auto& v) { return v.scheme.realtime; }},
    {"retry_realtime_accounting", "Reports without an answer", [](auto& v) { return v.scheme.retry_realtime; }},
    {"retry_stop_accounting", "Transmissions", [](auto& v) { return v.scheme.retry_stop; }},
    {"stop_accounting_buffer", "Stops are kept", [](auto& v) { return v.scheme.stop_buffer; }},
    {"quiet", "Minutes", [](auto& v) { return v.scheme.quiet; }},
    {"with_domain", "User names go with their domain", [](auto& v) { return v.scheme.with_domain; }},
    {"data_unit", "As configured", [](auto& v) { return v.scheme.data_unit; }},
    {"packet_unit", "As configured", [](auto& v) { return v.scheme.packet_unit; }},
    {"nas_ip", "As configured, or empty",
     [](auto& v) { return v.scheme.nas_ip.empty() ? std::string() : v.scheme.nas_ip.ToString(); }},
});
ListOf<kRadius> RadiusSchemes(const RadiusSchemesView& view) {
  std::vector<RadiusView> out;
  for (const device::RadiusScheme* scheme : view.schemes) out.push_back({*scheme, view.client, out.size()});
  return List<kRadius>(out);
}
constexpr auto kRadiusSchemes = Fields<RadiusSchemesView>({
    {"schemes", "By name", [](auto& v) { return RadiusSchemes(v); }},
});

// A pair of servers for one purpose.
struct PairView {
  std::string_view purpose;
  const std::array<Endpoint, 2>& pair;
};
constexpr auto kPair = Fields<PairView>({
    {"purpose", "What they are asked", [](auto& v) { return v.purpose; }},
    {"primary", "address:port; 0.0.0.0: none", [](auto& v) { return v.pair[0]; }},
    {"secondary", "address:port; 0.0.0.0: none", [](auto& v) { return v.pair[1]; }},
});
using Hwtacacs = device::HwtacacsScheme;
ListOf<kPair> HwtacacsServers(const Hwtacacs& scheme) {
  return List<kPair>(std::array<PairView, 3>{{{"authentication-server", scheme.authentication},
                                              {"authorization-server", scheme.authorization},
                                              {"accounting-server", scheme.accounting}}});
}
constexpr auto kHwtacacs = Fields<Hwtacacs>({
    {"name", "Scheme; stored only", [](auto& v) { return v.name; }},
    {"servers", "Pairs, used or not; none is asked", [](auto& v) { return HwtacacsServers(v); }},
    {"authentication_key", "There is one", [](auto& v) { return v.authentication_key; }},
    {"authorization_key", "There is one", [](auto& v) { return v.authorization_key; }},
    {"accounting_key", "There is one", [](auto& v) { return v.accounting_key; }},
    {"quiet", "Minutes", [](auto& v) { return v.quiet; }},
    {"response_timeout", "Seconds", [](auto& v) { return v.response_timeout; }},
    {"realtime_accounting", "Minutes", [](auto& v) { return v.realtime; }},
    {"retry_stop_accounting", "Transmissions", [](auto& v) { return v.retry_stop; }},
    {"with_domain", "User names go with their domain", [](auto& v) { return v.with_domain; }},
    {"nas_ip", "As configured, or empty",
     [](auto& v) { return v.nas_ip.empty() ? std::string() : v.nas_ip.ToString(); }},
});
constexpr auto kHwtacacsSchemes = Fields<HwtacacsSchemesView>({
    {"schemes", "By name", [](auto& v) { return List<kHwtacacs>(v); }},
});

constexpr auto kStatistics = Fields<device::RadiusStatistics>({
    {"requests", "Sent", [](auto& v) { return v.requests; }},
    {"retransmissions", "Sent again", [](auto& v) { return v.retransmissions; }},
    {"accepted", "Users", [](auto& v) { return v.accepted; }},
    {"rejected", "Users", [](auto& v) { return v.rejected; }},
    {"accounted", "Answers", [](auto& v) { return v.accounted; }},
    {"unanswered", "Requests that no server answered", [](auto& v) { return v.unanswered; }},
    {"discarded", "Datagrams that were no valid answer", [](auto& v) { return v.discarded; }},
});

struct StopView {
  const device::BufferedStop& stop;
  Time now;
};
constexpr auto kStop = Fields<StopView>({
    {"scheme", "RADIUS scheme", [](auto& v) { return v.stop.scheme; }},
    {"user", "User", [](auto& v) { return v.stop.user; }},
    {"session_id", "Session", [](auto& v) { return v.stop.session_id; }},
    {"sent", "Transmissions", [](auto& v) { return v.stop.sent; }},
    {"waiting_seconds", "Since the stop", [](auto& v) { return v.now - v.stop.since; }, {{}, 0, AgeText}},
});
ListOf<kStop> Stops(const BufferedStopsView& view) {
  std::vector<StopView> out;
  for (const device::BufferedStop& stop : view.stops) out.push_back({stop, view.now});
  return List<kStop>(out);
}
constexpr auto kStops = Fields<BufferedStopsView>({
    {"stops", "That no server has answered", [](auto& v) { return Stops(v); }},
});

constexpr auto kEntry = Fields<LocalServerEntry>({
    {"address", "NAS-IP", [](auto& v) { return v.address; }},
    {"preset", "Not configured", [](auto& v) { return v.preset; }},
});
constexpr auto kEntries = Fields<LocalServerView>({
    {"entries", "Whom it would answer; stored only", [](auto& v) { return List<kEntry>(v); }},
});

#define SW_RULE "{-66}\n"

}  // namespace

constexpr DisplayOf<RadiusSchemesView> kRadiusSchemesDisplay(
    kRadiusSchemes, SW_RULE
    "{*schemes}SchemeName  ={name:33}Index={index:5}Type={server_type}\n"
    "{*servers}{role} IP  ={address:17}Port={port:7}State={?active}"
    "{?quiet_seconds}block, quiet for {quiet_seconds}{:}active{/}{:}block{/}\n{/}"
    "Auth Server Encryption Key= {authentication_key}\n"
    "Acct Server Encryption Key= {accounting_key}\n"
    "TimeOutValue(in second)={response_timeout} RetryTimes={retry} RealtimeACCT(in minute)={realtime_accounting}\n"
    "Permitted send realtime PKT failed counts       ={retry_realtime_accounting}\n"
    "Retry sending times of noresponse acct-stop-PKT ={retry_stop_accounting}\n"
    "Buffering of acct-stop-PKT                      ={?stop_accounting_buffer}enabled{:}disabled{/}\n"
    "Quiet-interval(min)                             ={quiet}\n"
    "Username format                                 ={?with_domain}with-domain{:}without-domain{/}\n"
    "Data flow unit                                  ={data_unit}\n"
    "Packet unit                                     ={packet_unit}\n"
    "{?nas_ip}NAS-IP                                          ={nas_ip}\n{/}" SW_RULE
    "{/}"
    "Total {schemes} RADIUS scheme(s). {schemes} listed\n");
constexpr DisplayOf<HwtacacsSchemesView> kHwtacacsSchemesDisplay(
    kHwtacacsSchemes, SW_RULE
    "{*schemes}HWTACACS-server template name     : {name}, stored only\n"
    "{*servers}  Primary-{purpose:26}: {primary}\n  Secondary-{purpose:24}: {secondary}\n{/}"
    "  Keys: authentication {?authentication_key}set{:}not set{/}, authorization {?authorization_key}set{:}not set{/}"
    ", accounting {?accounting_key}set{:}not set{/}\n"
    "  Quiet-interval(min): {quiet}  Response-timeout(sec): {response_timeout}"
    "  Realtime-accounting(min): {realtime_accounting}\n"
    "  Acct-stop-PKT retransmit times: {retry_stop_accounting}  Domain-included: {?with_domain}Yes{:}No{/}\n"
    "{?nas_ip}  NAS-IP: {nas_ip}\n{/}" SW_RULE
    "{/}"
    "Total {schemes} HWTACACS scheme(s). {schemes} listed\n");
constexpr DisplayOf<device::RadiusStatistics> kRadiusStatisticsDisplay(kStatistics,
                                                                       " Requests sent            : {requests}\n"
                                                                       " Retransmissions          : {retransmissions}\n"
                                                                       " Users accepted           : {accepted}\n"
                                                                       " Users rejected           : {rejected}\n"
                                                                       " Accounting answers       : {accounted}\n"
                                                                       " Without any answer       : {unanswered}\n"
                                                                       " Answers discarded        : {discarded}\n");
constexpr DisplayOf<BufferedStopsView> kBufferedStopsDisplay(
    kStops,
    "{*stops} Scheme={scheme} ,Username={user} ,Session={session_id} ,Sent={sent} ,Waiting={waiting_seconds}\n{/}"
    "Total find {stops} record\n");
constexpr DisplayOf<LocalServerView> kLocalServerDisplay(
    kEntries,
    " The local RADIUS server is not served by this device; its entries are stored only.\n NAS-IP\n"
    "{*entries} {address}{?preset} (default){/}\n{/}");

}  // namespace sw::cli
