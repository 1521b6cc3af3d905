#include "cli/display/json.h"
#include "cli/display/json_fields.h"
#include "cli/dvpn/displays.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

template <typename Info>
struct At {
  const Info& info;
  Time now;
};
template <typename Info>
std::vector<At<Info>> Views(Time now, const std::vector<Info>& infos) {
  std::vector<At<Info>> out;
  for (const Info& info : infos) out.push_back({info, now});
  return out;
}

using Map = At<dvpn::MapInfo>;
bool Built(const dvpn::MapInfo& map) {
  return map.state == dvpn::MapState::kClientSuccess || map.state == dvpn::MapState::kServerFinished;
}
constexpr Field<Map> kMap[] = {
    {"dvpn_id", "integer", "Domain; 0 until the map is built", [](const Map& v) -> Json { return v.info.dvpn_id; }},
    {"interface", "string", "Tunnel", [](const Map& v) -> Json { return v.info.tunnel; }},
    {"state", "string", "State of the map", [](const Map& v) -> Json { return dvpn::Name(v.info.state); }},
    {"type", "string", "Who speaks with whom", [](const Map& v) -> Json { return dvpn::Name(v.info.type); }},
    {"control_id", "integer", "Number of the map", [](const Map& v) -> Json { return v.info.control_id; }},
    {"private_ip", "string", "The peer within the VPN",
     [](const Map& v) -> Json { return v.info.peer_private.ToString(); }},
    {"public", "string", "The peer outside, address:port",
     [](const Map& v) -> Json { return v.info.peer_public.ToString(); }},
    {"local_private_ip", "string", "This end within the VPN",
     [](const Map& v) -> Json { return v.info.local_private.ToString(); }},
    {"local_public", "string", "This end outside", [](const Map& v) -> Json { return v.info.local_public.ToString(); }},
    {"device", "string", "ID of the peer's device, or empty",
     [](const Map& v) -> Json { return v.info.peer_device_id; }},
    {"user", "string", "User, or empty", [](const Map& v) -> Json { return v.info.user_name; }},
    {"built", "boolean", "The registration is through", [](const Map& v) -> Json { return Built(v.info); }},
    {"up_seconds", "integer", "Since then",
     [](const Map& v) -> Json { return Built(v.info) ? SecondsOf(v.now - v.info.built) : 0; }},
    {"attempts", "integer", "Clients: since the last success", [](const Map& v) -> Json { return v.info.attempts; }},
    {"last_failure", "string", "Why the last registration ended, or empty",
     [](const Map& v) -> Json { return v.info.last_error; }},
};

using Session = At<dvpn::SessionInfo>;
bool Built(const dvpn::SessionInfo& session) {
  return session.state != dvpn::SessionState::kSetupInit && session.state != dvpn::SessionState::kSetupReq;
}
constexpr Field<Session> kSession[] = {
    {"dvpn_id", "integer", "Domain", [](const Session& v) -> Json { return v.info.dvpn_id; }},
    {"interface", "string", "Tunnel", [](const Session& v) -> Json { return v.info.tunnel; }},
    {"state", "string", "State of the session", [](const Session& v) -> Json { return dvpn::Name(v.info.state); }},
    {"type", "string", "Who speaks with whom", [](const Session& v) -> Json { return dvpn::Name(v.info.type); }},
    {"initiator", "boolean", "This end began it", [](const Session& v) -> Json { return v.info.initiator; }},
    {"private_ip", "string", "The peer within the VPN",
     [](const Session& v) -> Json { return v.info.peer_private.ToString(); }},
    {"public", "string", "The peer outside, address:port",
     [](const Session& v) -> Json { return v.info.peer_public.ToString(); }},
    {"local_private_ip", "string", "This end within the VPN",
     [](const Session& v) -> Json { return v.info.local_private.ToString(); }},
    {"local_public", "string", "This end outside",
     [](const Session& v) -> Json { return v.info.local_public.ToString(); }},
    {"device", "string", "ID of the peer's device, or empty",
     [](const Session& v) -> Json { return v.info.peer_device_id; }},
    {"user", "string", "User, or empty", [](const Session& v) -> Json { return v.info.user_name; }},
    {"up_seconds", "integer", "Since it was built; 0 before",
     [](const Session& v) -> Json { return Built(v.info) ? SecondsOf(v.now - v.info.built) : 0; }},
    {"carries_traffic", "boolean", "Proven; before that the server relays",
     [](const Session& v) -> Json { return v.info.proven; }},
    {"sent_packets", "integer", "Sent", [](const Session& v) -> Json { return v.info.sent_packets; }},
    {"sent_bytes", "integer", "Sent", [](const Session& v) -> Json { return v.info.sent_bytes; }},
    {"received_packets", "integer", "Received", [](const Session& v) -> Json { return v.info.received_packets; }},
    {"received_bytes", "integer", "Received", [](const Session& v) -> Json { return v.info.received_bytes; }},
    {"path_mtu", "integer", "Bytes the path carries; 0: no narrow place found",
     [](const Session& v) -> Json { return v.info.path_mtu; }},
    {"server_away", "boolean", "It goes on without the server",
     [](const Session& v) -> Json { return v.info.away_since.has_value(); }},
};

using Sa = dvpn::IpsecSaInfo;
constexpr Field<Sa> kSa[] = {
    {"dvpn_id", "integer", "Domain", [](const Sa& v) -> Json { return v.dvpn_id; }},
    {"interface", "string", "Tunnel", [](const Sa& v) -> Json { return v.tunnel; }},
    {"private_ip", "string", "The peer within the VPN", [](const Sa& v) -> Json { return v.peer_private.ToString(); }},
    {"public", "string", "The peer outside", [](const Sa& v) -> Json { return v.peer_public.ToString(); }},
    {"inbound_spi", "integer", "SPI of what comes", [](const Sa& v) -> Json { return v.inbound_spi; }},
    {"outbound_spi", "integer", "SPI of what goes", [](const Sa& v) -> Json { return v.outbound_spi; }},
    {"suite", "integer", "Algorithm suite", [](const Sa& v) -> Json { return v.suite; }},
    {"suite_name", "string", "Its algorithms",
     [](const Sa& v) -> Json {
       const hal::Suite* suite = hal::FindSuite(v.suite);
       return suite == nullptr ? std::string() : std::string(suite->name);
     }},
    {"seconds_left", "integer", "Of the hard lifetime", [](const Sa& v) -> Json { return SecondsOf(v.left); }},
    {"inbound_packets", "integer", "Opened", [](const Sa& v) -> Json { return v.inbound_packets; }},
    {"outbound_packets", "integer", "Sealed", [](const Sa& v) -> Json { return v.outbound_packets; }},
};

using Record = At<dvpn::SessionRecord>;
constexpr Field<Record> kRecord[] = {
    {"dvpn_id", "integer", "Domain", [](const Record& v) -> Json { return v.info.dvpn_id; }},
    {"private_ip", "string", "The peer within the VPN",
     [](const Record& v) -> Json { return v.info.peer_private.ToString(); }},
    {"device", "string", "ID of the peer's device, or empty",
     [](const Record& v) -> Json { return v.info.peer_device_id; }},
    {"online", "boolean", "It is up", [](const Record& v) -> Json { return v.info.online; }},
    {"times", "integer", "How often it came up", [](const Record& v) -> Json { return v.info.online_number; }},
    {"first_up_seconds", "integer", "Ago", [](const Record& v) -> Json { return SecondsOf(v.now - v.info.first_up); }},
    {"last_up_seconds", "integer", "Ago", [](const Record& v) -> Json { return SecondsOf(v.now - v.info.last_up); }},
    {"was_down", "boolean", "It has gone down", [](const Record& v) -> Json { return v.info.was_down; }},
    {"last_down_seconds", "integer", "Ago; 0 if never",
     [](const Record& v) -> Json { return v.info.was_down ? SecondsOf(v.now - v.info.last_down) : 0; }},
    {"sent_packets", "integer", "Sent", [](const Record& v) -> Json { return v.info.sent_packets; }},
    {"received_packets", "integer", "Received", [](const Record& v) -> Json { return v.info.received_packets; }},
};

struct InfoView {
  int dvpn_id;  // 0: of all domains
  const device::DvpnInfo& info;
};
using NamedCount = device::DvpnInfo::NamedCount;
constexpr Field<NamedCount> kDrop[] = {
    {"reason", "string", "Why packets were refused", [](const NamedCount& v) -> Json { return v.reason; }},
    {"count", "integer", "Packets", [](const NamedCount& v) -> Json { return v.count; }},
};
constexpr Field<InfoView> kInfo[] = {
    {"dvpn_id", "integer", "Domain; 0: the device as a whole", [](const InfoView& v) -> Json { return v.dvpn_id; }},
    {"service", "boolean", "dvpn service is enabled", [](const InfoView& v) -> Json { return v.info.service; }},
    {"client", "boolean", "It has tunnels that register", [](const InfoView& v) -> Json { return v.info.client; }},
    {"server", "boolean", "It has tunnels that serve", [](const InfoView& v) -> Json { return v.info.server; }},
    {"device_id", "string", "ID of this device", [](const InfoView& v) -> Json { return v.info.device_id; }},
    {"classes", "integer", "Configured", [](const InfoView& v) -> Json { return v.info.classes; }},
    {"clients", "integer", "Of this device", [](const InfoView& v) -> Json { return v.info.clients; }},
    {"domains", "integer", "Of this device", [](const InfoView& v) -> Json { return v.info.domains; }},
    {"maps", "integer", "That stand", [](const InfoView& v) -> Json { return v.info.maps; }},
    {"sessions", "integer", "That stand", [](const InfoView& v) -> Json { return v.info.sessions; }},
    {"input_packets", "integer", "Received", [](const InfoView& v) -> Json { return v.info.counters.input; }},
    {"dropped_packets", "integer", "Received and refused",
     [](const InfoView& v) -> Json { return v.info.counters.dropped; }},
    {"output_packets", "integer", "Sent", [](const InfoView& v) -> Json { return v.info.counters.output; }},
    {"output_errors", "integer", "Not sent", [](const InfoView& v) -> Json { return v.info.counters.output_errors; }},
    {"encryption_errors", "integer", "Not sealed",
     [](const InfoView& v) -> Json { return v.info.counters.encryption_errors; }},
    {"redirects", "integer", "Sent, servers only", [](const InfoView& v) -> Json { return v.info.counters.redirects; }},
    {"relayed_packets", "integer", "Between clients, servers only",
     [](const InfoView& v) -> Json { return v.info.counters.relayed; }},
    {"refused", "model", "By reason", [](const InfoView& v) -> Json { return Array(All(kDrop), v.info.drops); },
     [] { return ArraySchema(All(kDrop)); }},
};

}  // namespace

std::string MapsJson(Time now, const std::vector<dvpn::MapInfo>& maps) {
  return ListText("maps", All(kMap), Views(now, maps));
}
std::string OnlineUsersJson(Time now, std::vector<dvpn::MapInfo> maps) {
  std::erase_if(maps, [](const dvpn::MapInfo& map) { return map.state != dvpn::MapState::kServerFinished; });
  return ListText("users", All(kMap), Views(now, maps));
}
std::string SessionsJson(Time now, const std::vector<dvpn::SessionInfo>& sessions) {
  return ListText("sessions", All(kSession), Views(now, sessions));
}
std::string HistoryJson(Time now, const std::vector<dvpn::SessionRecord>& records) {
  return ListText("records", All(kRecord), Views(now, records));
}
std::string IpsecSasJson(const std::vector<dvpn::IpsecSaInfo>& sas) {
  return ListText("sas", All(kSa), sas);
}
std::string DvpnInfoJson(int dvpn_id, const device::DvpnInfo& info) {
  return Object(All(kInfo), InfoView{dvpn_id, info}).dump();
}

std::span<const JsonModel> DvpnJsonModels() {
  static constexpr JsonModel kModels[] = {
      {"display dvpn map", [] { return ListSchema("maps", All(kMap)); }},
      {"display dvpn online-user", [] { return ListSchema("users", All(kMap)); }},
      {"display dvpn session", [] { return ListSchema("sessions", All(kSession)); }},
      {"display dvpn session history", [] { return ListSchema("records", All(kRecord)); }},
      {"display dvpn ipsec-sa", [] { return ListSchema("sas", All(kSa)); }},
      {"display dvpn info", [] { return ObjectSchema(All(kInfo)); }},
  };
  return kModels;
}

}  // namespace sw::cli
