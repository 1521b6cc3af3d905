#include "cli/dvpn/displays.h"

#include <fmt/format.h>

#include "dvpn/wire.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

constexpr int kLastGuideSuite = 13;

// A suite's name; those beyond the guide's thirteen are ours.
std::string SuiteText(const Value& value) {
  const int number = static_cast<int>(std::get<std::int64_t>(value.held));
  const hal::Suite* suite = hal::FindSuite(number);
  return fmt::format("{} {}{}", number, suite == nullptr ? "" : suite->name,
                     number > kLastGuideSuite ? " (extension)" : "");
}
std::string AgeOrDash(const Value& value) {
  return std::get<std::int64_t>(value.held) < 0 ? "-" : AgeText(value);
}

template <typename Info>
struct OneAt {
  const Info& info;
  Time now;
};
template <typename Info>
std::vector<OneAt<Info>> Each(const At<Info>& view) {
  std::vector<OneAt<Info>> out;
  for (const Info& info : view.all) out.push_back({info, view.now});
  return out;
}

// What maps and sessions say alike of the peer and of the two ends.
template <typename View>
constexpr auto kPeer = Fields<View>({
    {"private_ip", "The peer within the VPN", [](auto& v) { return v.info.peer_private; }, {"private-ip", 16}},
    {"public_ip", "The peer outside", [](auto& v) { return v.info.peer_public.address; }, {"public-ip", 16}},
    {"port", "The peer outside", [](auto& v) { return v.info.peer_public.port; }, {"port", 7}},
});
template <typename View>
constexpr auto kType = Fields<View>({
    {"type", "Who speaks with whom", [](auto& v) { return dvpn::Name(v.info.type); }, {"type", 6}},
});
template <typename View>
constexpr auto kEnds = Fields<View>({
    {"interface", "Tunnel", [](auto& v) { return v.info.tunnel; }, {"interface"}},
    {"public", "The peer outside, address:port", [](auto& v) { return v.info.peer_public; }},
    {"local_private_ip", "This end within the VPN", [](auto& v) { return v.info.local_private; }},
    {"local_public", "This end outside", [](auto& v) { return v.info.local_public; }},
    {"device", "ID of the peer's device, or empty", [](auto& v) { return v.info.peer_device_id; }, {{}, 0, OrDash}},
    {"user", "User, or empty", [](auto& v) { return v.info.user_name; }, {{}, 0, OrDash}},
});

template <typename T, std::size_t... n>
constexpr FieldList<T, (n + ...)> Joined(const FieldList<T, n>&... lists) {
  FieldList<T, (n + ...)> out{};
  std::size_t at = 0;
  const auto add = [&](const auto& list) {
    for (const Field& field : list.all) out.all[at++] = field;
  };
  (add(lists), ...);
  return out;
}

using Map = OneAt<dvpn::MapInfo>;
bool Built(const dvpn::MapInfo& map) {
  return map.state == dvpn::MapState::kClientSuccess || map.state == dvpn::MapState::kServerFinished;
}
constexpr auto kMap =
    Joined(Fields<Map>({
               {"dvpn_id", "Domain; 0 until the map is built", [](auto& v) { return v.info.dvpn_id; }, {"dvpn-id", 8}},
           }),
           kPeer<Map>,
           Fields<Map>({
               {"state", "State of the map", [](auto& v) { return dvpn::Name(v.info.state); }, {"state", 12}},
           }),
           kType<Map>,
           Fields<Map>({
               {"control_id", "Number of the map", [](auto& v) { return v.info.control_id; }, {"control-id", 11}},
           }),
           kEnds<Map>,
           Fields<Map>({
               {"suite", "Of the registration; 0: none yet", [](auto& v) { return v.info.suite; }, {{}, 0, SuiteText}},
               {"built", "The registration is through", [](auto& v) { return Built(v.info); }},
               {"up_seconds",
                "Since then",
                [](auto& v) { return Built(v.info) ? v.now - v.info.built : Duration{0}; },
                {{}, 0, AgeText}},
               {"attempts", "Clients: since the last success", [](auto& v) { return v.info.attempts; }},
               {"last_failure", "Why the last registration ended, or empty", [](auto& v) { return v.info.last_error; }},
           }));
constexpr auto kMaps = Fields<At<dvpn::MapInfo>>({
    {"maps", "Of servers and clients", [](auto& v) { return List<kMap>(Each(v)); }},
});
At<dvpn::MapInfo> Finished(At<dvpn::MapInfo> view) {
  std::erase_if(view.all, [](const auto& map) { return map.state != dvpn::MapState::kServerFinished; });
  return view;
}
ListOf<kMap> OnlineUsers(const At<dvpn::MapInfo>& view) {
  const At<dvpn::MapInfo> finished = Finished(view);
  return List<kMap>(Each(finished));
}
constexpr auto kOnlineUsers = Fields<At<dvpn::MapInfo>>({
    {"users", "Whose maps stand", [](auto& v) { return OnlineUsers(v); }},
});

using SessionAt = OneAt<dvpn::SessionInfo>;
bool Built(const dvpn::SessionInfo& session) {
  return session.state != dvpn::SessionState::kSetupInit && session.state != dvpn::SessionState::kSetupReq;
}
constexpr auto kSession = Joined(
    Fields<SessionAt>({
        {"dvpn_id", "Domain", [](auto& v) { return v.info.dvpn_id; }, {"dvpn-id", 8}},
    }),
    kPeer<SessionAt>,
    Fields<SessionAt>({
        {"state", "State of the session", [](auto& v) { return dvpn::Name(v.info.state); }, {"state", 14}},
    }),
    kType<SessionAt>,
    Fields<SessionAt>({
        {"initiator", "This end began it", [](auto& v) { return v.info.initiator; }, {"initiator", 11}},
    }),
    kEnds<SessionAt>,
    Fields<SessionAt>({
        {"built", "It is set up", [](auto& v) { return Built(v.info); }},
        {"up_seconds",
         "Since it was built; 0 before",
         [](auto& v) { return Built(v.info) ? v.now - v.info.built : Duration{0}; },
         {{}, 0, AgeText}},
        {"carries_traffic", "Proven; before that the server relays", [](auto& v) { return v.info.proven; }},
        {"sent_packets", "Sent", [](auto& v) { return v.info.sent_packets; }},
        {"sent_bytes", "Sent", [](auto& v) { return v.info.sent_bytes; }},
        {"received_packets", "Received", [](auto& v) { return v.info.received_packets; }},
        {"received_bytes", "Received", [](auto& v) { return v.info.received_bytes; }},
        {"path_mtu", "Bytes the path carries; 0: no narrow place found", [](auto& v) { return v.info.path_mtu; }},
        {"session_suite", "Of session messages", [](auto& v) { return v.info.session_suite; }, {{}, 0, SuiteText}},
        {"data_suite", "Of data", [](auto& v) { return v.info.data_suite; }, {{}, 0, SuiteText}},
        {"keys_age_seconds",
         "Since they were made; -1: there are none",
         [](auto& v) { return v.info.proven ? v.now - v.info.keyed : Duration(std::chrono::seconds(-1)); },
         {{}, 0, AgeOrDash}},
        {"bytes_under_keys", "Sent and received by these keys", [](auto& v) { return v.info.bytes_under_keys; }},
        {"forward_secrecy", "Keys of an exchange of their own (PFS)", [](auto& v) { return v.info.forward_secrecy; }},
        {"server_proof", "How the server proved itself", [](auto& v) { return dvpn::Name(v.info.server_proof); }},
        {"weakness", "In words, or empty", [](auto& v) { return v.info.weakness; }},
        {"server_away", "It goes on without the server", [](auto& v) { return v.info.away_since.has_value(); }},
        {"server_away_seconds",
         "For so long",
         [](auto& v) { return v.now - v.info.away_since.value_or(v.now); },
         {{}, 0, AgeText}},
    }));
constexpr auto kSessions = Fields<At<dvpn::SessionInfo>>({
    {"sessions", "Of servers and clients", [](auto& v) { return List<kSession>(Each(v)); }},
});

using RecordAt = OneAt<dvpn::SessionRecord>;
constexpr auto kRecord = Fields<RecordAt>({
    {"dvpn_id", "Domain", [](auto& v) { return v.info.dvpn_id; }, {"dvpn-id", 8}},
    {"private_ip", "The peer within the VPN", [](auto& v) { return v.info.peer_private; }, {"private-ip", 16}},
    {"online", "It is up", [](auto& v) { return v.info.online; }, {"online", 7}},
    {"times", "How often it came up", [](auto& v) { return v.info.online_number; }, {"times", 7}},
    {"ended", "How often it went down", [](auto& v) { return v.info.online_number - v.info.online; }, {"ended", 7}},
    {"first_up_seconds", "Ago", [](auto& v) { return v.now - v.info.first_up; }, {"first-up", 12, AgeText}},
    {"last_up_seconds", "Ago", [](auto& v) { return v.now - v.info.last_up; }, {"last-up", 12, AgeText}},
    {"last_down_seconds",
     "Ago; -1 if never",
     [](auto& v) { return v.info.was_down ? v.now - v.info.last_down : Duration(std::chrono::seconds(-1)); },
     {"last-down", 12, AgeOrDash}},
    {"sent_packets", "Sent", [](auto& v) { return v.info.sent_packets; }, {"sent", 12}},
    {"received_packets", "Received", [](auto& v) { return v.info.received_packets; }, {"received"}},
    {"was_down", "It has gone down", [](auto& v) { return v.info.was_down; }},
    {"device", "ID of the peer's device, or empty", [](auto& v) { return v.info.peer_device_id; }, {{}, 0, OrDash}},
});
constexpr auto kHistory = Fields<At<dvpn::SessionRecord>>({
    {"records", "One of each peer", [](auto& v) { return List<kRecord>(Each(v)); }},
});

std::string SuiteName(int number) {
  const hal::Suite* suite = hal::FindSuite(number);
  return suite == nullptr ? std::string() : std::string(suite->name);
}
constexpr auto kSa = Fields<dvpn::IpsecSaInfo>({
    {"dvpn_id", "Domain", [](auto& v) { return v.dvpn_id; }, {"dvpn-id", 8}},
    {"private_ip", "The peer within the VPN", [](auto& v) { return v.peer_private; }, {"private-ip", 16}},
    {"public_ip", "The peer outside", [](auto& v) { return v.peer_public.address; }, {"public-ip", 16}},
    {"inbound_spi", "SPI of what comes", [](auto& v) { return v.inbound_spi; }, {"in-spi", 11, Hex8Text}},
    {"outbound_spi", "SPI of what goes", [](auto& v) { return v.outbound_spi; }, {"out-spi", 11, Hex8Text}},
    {"seconds_left", "Of the hard lifetime", [](auto& v) { return v.left; }, {"left(s)", 8}},
    {"interface", "Tunnel", [](auto& v) { return v.tunnel; }, {"interface", 11}},
    {"suite", "Algorithm suite", [](auto& v) { return v.suite; }, {"suite", 0, SuiteText}},
    {"suite_name", "Its algorithms", [](auto& v) { return SuiteName(v.suite); }},
    {"public", "The peer outside, address:port", [](auto& v) { return v.peer_public; }},
    {"inbound_packets", "Opened", [](auto& v) { return v.inbound_packets; }},
    {"outbound_packets", "Sealed", [](auto& v) { return v.outbound_packets; }},
});
constexpr auto kSas = Fields<At<dvpn::IpsecSaInfo>>({
    {"sas", "Pairs, one of each session", [](auto& v) { return List<kSa>(v.all); }},
});

constexpr auto kSuiteUse = Fields<SuiteUse>({
    {"suite", "Number", [](auto& v) { return v.suite; }, {"suite", 6}},
    {"name", "Its algorithms", [](auto& v) { return SuiteName(v.suite); }, {"algorithms", 34}},
    {"registrations", "Clients registered by it", [](auto& v) { return v.registrations; }, {"registered", 11}},
    {"sessions", "Clients whose session control it protects", [](auto& v) { return v.sessions; }, {"session", 8}},
    {"data", "Clients whose data it protects", [](auto& v) { return v.data; }, {"data", 5}},
    {"weak", "Broken, no longer advised, or nothing", [](auto& v) { return v.weak; }, {"weak"}},
});
constexpr auto kSuites = Fields<std::vector<SuiteUse>>({
    {"suites", "Those in use by clients of this server", [](auto& v) { return List<kSuiteUse>(v); }},
});

constexpr auto kDrop = Fields<device::DvpnInfo::NamedCount>({
    {"reason", "Why packets were refused", [](auto& v) { return v.reason; }},
    {"count", "Packets", [](auto& v) { return v.count; }},
});
std::string_view RoleName(const device::DvpnInfo& info) {
  return info.client ? (info.server ? "both" : "client") : (info.server ? "server" : "none");
}
constexpr auto kInfo = Fields<DvpnInfoView>({
    {"dvpn_id", "Domain; 0: the device as a whole", [](auto& v) { return v.dvpn_id; }},
    {"service", "dvpn service is enabled", [](auto& v) { return v.info.service; }},
    {"role", "client, server, both or none", [](auto& v) { return RoleName(v.info); }},
    {"client", "It has tunnels that register", [](auto& v) { return v.info.client; }},
    {"server", "It has tunnels that serve", [](auto& v) { return v.info.server; }},
    {"protocol_version", "Of the registration", [](auto&) { return int{dvpn::wire::kVersion}; }},
    {"device_id", "ID of this device", [](auto& v) { return v.info.device_id; }},
    {"classes", "Configured", [](auto& v) { return v.info.classes; }},
    {"clients", "Of this device", [](auto& v) { return v.info.clients; }},
    {"domains", "Of this device", [](auto& v) { return v.info.domains; }},
    {"maps", "That stand", [](auto& v) { return v.info.maps; }},
    {"sessions", "That stand", [](auto& v) { return v.info.sessions; }},
    {"history_hours", "How long sessions are remembered", [](auto& v) { return v.info.global.session_history_age; }},
    {"map_age_seconds", "Setting", [](auto& v) { return v.info.global.map_age; }},
    {"register_interval_seconds", "Setting", [](auto& v) { return v.info.global.register_interval; }},
    {"register_retry", "Setting", [](auto& v) { return v.info.global.register_retry; }},
    {"register_dumb_seconds", "Setting", [](auto& v) { return v.info.global.register_dumb; }},
    {"authentication", "How clients are authenticated",
     [](auto& v) { return dvpn::Name(v.info.global.authentication); }},
    {"authentication_domain", "In which domain, or empty", [](auto& v) { return v.info.global.authentication_domain; }},
    {"input_packets", "Received", [](auto& v) { return v.info.counters.input; }},
    {"dropped_packets", "Received and refused", [](auto& v) { return v.info.counters.dropped; }},
    {"output_packets", "Sent", [](auto& v) { return v.info.counters.output; }},
    {"output_errors", "Not sent", [](auto& v) { return v.info.counters.output_errors; }},
    {"encryption_errors", "Not sealed", [](auto& v) { return v.info.counters.encryption_errors; }},
    {"redirects", "Sent, servers only", [](auto& v) { return v.info.counters.redirects; }},
    {"relayed_packets", "Between clients, servers only", [](auto& v) { return v.info.counters.relayed; }},
    {"refused", "By reason", [](auto& v) { return List<kDrop>(v.info.drops); }},
});
#define SW_COUNTERS                                \
  " Packets in            : {input_packets}\n"     \
  " Packets dropped       : {dropped_packets}\n"   \
  " Packets out           : {output_packets}\n"    \
  " Output errors         : {output_errors}\n"     \
  " Encryption errors     : {encryption_errors}\n" \
  " Redirects sent        : {redirects}\n"         \
  " Packets relayed       : {relayed_packets}\n"

constexpr auto kReason = Fields<std::string>({
    {"heading", "It says what the next ones are about", [](auto& v) { return v.ends_with(':'); }},
    {"text", "In words", [](auto& v) { return v; }},
});
constexpr auto kWhy = Fields<WhyView>({
    {"reasons", "In the order they are looked at", [](auto& v) { return List<kReason>(v); }},
});

}  // namespace

constexpr DisplayOf<At<dvpn::MapInfo>> kMapsDisplay(
    kMaps,
    " {#maps} {-88}\n"
    "{*maps} {|}"
    "         device {device}, user {user}, up {?built}{up_seconds}{:}-{/}\n"
    "         this end {local_private_ip} at {local_public}\n"
    "{!built}{?last_failure}         last failure: {last_failure}\n{/}{/}{/}"
    " Total {maps} map(s)\n");
constexpr DisplayOf<At<dvpn::MapInfo>> kOnlineUsersDisplay(
    kOnlineUsers,
    " dvpn-id private-ip      public-ip       port   online     user\n {-80}\n"
    "{*users} {dvpn_id:8}{private_ip:16}{public_ip:16}{port:7}{up_seconds:11}{user}\n{/}"
    " Total {users} user(s)\n");
constexpr DisplayOf<At<dvpn::SessionInfo>> kSessionsDisplay(
    kSessions,
    " {#sessions} {-90}\n"
    "{*sessions} {|}"
    "         device {device}, user {user}, peer type router, up {?built}{up_seconds}{:}-{/}, "
    "{?carries_traffic}carries traffic{:}not proven yet{/}\n"
    "         this end {local_private_ip} at {local_public}\n"
    "         sent {sent_packets} packets, {sent_bytes} bytes; received {received_packets} packets, {received_bytes} "
    "bytes\n"
    "         session suite {session_suite}, data suite {data_suite}\n"
    "{?carries_traffic}         keys {keys_age_seconds} old, {bytes_under_keys} bytes under them, "
    "{?forward_secrecy}forward secrecy{:}no forward secrecy{/}, proof of the server: {server_proof}\n{/}"
    "{?weakness}         weak: {weakness}\n{/}"
    "{?path_mtu}         the path carries {path_mtu} bytes\n{/}"
    "{?server_away}         server away for {server_away_seconds}, goes on without it (extension)\n{/}{/}"
    " Total {sessions} session(s)\n");
constexpr DisplayOf<At<dvpn::SessionRecord>> kHistoryDisplay(
    kHistory,
    " {#records} {-103}\n{*records} {|}         device {device}\n{/}"
    " Total {records} row(s); times are ages, sent and received are packets (extension)\n");
constexpr DisplayOf<At<dvpn::IpsecSaInfo>> kDvpnSasDisplay(
    kSas,
    " {#sas} {-100}\n{*sas} {|}         in {inbound_packets} packets, out {outbound_packets} packets\n{/}"
    " Total {sas} pair(s)\n");
constexpr DisplayOf<std::vector<SuiteUse>> kDvpnSuitesDisplay(
    kSuites,
    " Clients of this server by suite (extension)\n {#suites} {-70}\n{*suites} {|}{/} Total {suites} suite(s)\n");
constexpr DisplayOf<DvpnInfoView> kDvpnInfoDisplay(
    kInfo,
    " DVPN service          : {?service}enabled{:}disabled{/}\n"
    " Device role           : {role}\n"
    " Protocol version      : {protocol_version} (our own)\n"
    " Local device ID       : {device_id}\n"
    " Classes               : {classes}\n"
    " Clients               : {clients}\n"
    " Domains               : {domains}\n"
    " Maps                  : {maps}\n"
    " Sessions              : {sessions}\n"
    " Session history kept  : {history_hours} h\n"
    " Map age time          : {map_age_seconds} s\n"
    " Register interval     : {register_interval_seconds} s\n"
    " Register retry        : {register_retry}\n"
    " Register dumb         : {register_dumb_seconds} s\n"
    " Client authentication : {authentication}{?authentication_domain} domain {authentication_domain}{/}\n" SW_COUNTERS
    "{*refused}{?count} Refused, {reason}: {count}\n{/}{/}");
constexpr Layout kDvpnDomainInfo(kInfo,
                                 " DVPN domain           : {dvpn_id}\n"
                                 " Maps                  : {maps}\n"
                                 " Sessions              : {sessions}\n" SW_COUNTERS);
constexpr DisplayOf<WhyView> kWhyDisplay(kWhy, " In words (extension)\n{*reasons}{?heading} {:}   {/}{text}\n{/}");

}  // namespace sw::cli
