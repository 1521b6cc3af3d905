// What a running DVPN looks like, and its resets. The names of these commands are known, their arguments are
// recollection.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/dvpn/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

// Keeps what `all`, `dvpn-id N`, `private-ip A` or `public-ip A` of the line ask for.
template <typename Info>
std::vector<Info> Selected(std::vector<Info> infos, const Match& match) {
  std::erase_if(infos, [&](const Info& info) {
    if (match.Find("dvpn_id") != nullptr && info.dvpn_id != match.Int("dvpn_id")) return true;
    if (match.Find("private_ip") != nullptr && info.peer_private.ToString() != match.Text("private_ip")) return true;
    if constexpr (requires { info.peer_public; })
      return match.Find("public_ip") != nullptr && info.peer_public.address.ToString() != match.Text("public_ip");
    return false;
  });
  return infos;
}

Time Now(Operator& session) {
  return session.device().scheduler().now();
}

Status DisplayMap(Operator& session, const Match& match) {
  session.Show(kMapsDisplay, {Now(session), Selected(session.device().maps(), match)});
  return {};
}

Status DisplaySession(Operator& session, const Match& match) {
  session.Show(kSessionsDisplay, {Now(session), Selected(session.device().sessions(), match)});
  return {};
}

Status DisplaySa(Operator& session, const Match& match) {
  session.Show(kDvpnSasDisplay, {Now(session), Selected(session.device().ipsec_sas(), match)});
  return {};
}

Status DisplayInfo(Operator& session, const Match& match) {
  const std::optional<std::int64_t> dvpn_id = match.Int("dvpn_id");
  if (!dvpn_id) {
    session.Show(kDvpnInfoDisplay, {0, session.device().dvpn_info()});
    return {};
  }
  const int domain = static_cast<int>(*dvpn_id);
  const std::optional<device::DvpnInfo> info = session.device().dvpn_info(domain);
  if (!info) return {Code::kNotFound, "The domain does not exist"};
  session.Show(kDvpnInfoDisplay, {domain, *info}, kDvpnDomainInfo);
  return {};
}

Status DisplaySuite(Operator& session, const Match&) {
  std::map<int, SuiteUse> uses;
  for (const dvpn::MapInfo& map : session.device().maps())
    if (map.state == dvpn::MapState::kServerFinished) ++uses[map.suite].registrations;
  for (const dvpn::SessionInfo& s : session.device().sessions()) {
    if (s.type != dvpn::CommunicateType::kServerToClient || !s.proven) continue;
    ++uses[s.session_suite].sessions;
    ++uses[s.data_suite].data;
  }
  std::vector<SuiteUse> all;
  for (auto& [number, use] : uses) {
    use.suite = number;
    const hal::Suite* suite = hal::FindSuite(number);
    use.weak = suite != nullptr && suite->weak;
    all.push_back(use);
  }
  session.Show(kDvpnSuitesDisplay, all);
  return {};
}

Status DisplayHistory(Operator& session, const Match& match) {
  session.Show(kHistoryDisplay, {Now(session), Selected(session.device().dvpn_history(), match)});
  return {};
}

Status DisplayOnlineUser(Operator& session, const Match& match) {
  session.Show(kOnlineUsersDisplay, {Now(session), Selected(session.device().maps(), match)});
  return {};
}

Status DisplayWhy(Operator& session, const Match& match) {
  device::Device& device = session.device();
  if (match.Find("peer") != nullptr) {
    session.Show(kWhyDisplay, device.WhyDvpnPeer(*Ipv4::Parse(match.Text("peer"))));
    return {};
  }
  if (match.Find("name") == nullptr) {
    session.Show(kWhyDisplay, device.WhyDvpn());
    return {};
  }
  const Result<std::vector<std::string>> lines = device.WhyDvpnClass(match.Text("name"));
  if (!lines.ok()) return lines.status();
  session.Show(kWhyDisplay, *lines);
  return {};
}

// `all`, `dvpn-id N [ private-ip A ]` or `private-ip A`.
Status ResetMap(Operator& session, const Match& match) {
  std::optional<int> dvpn_id;
  if (const std::optional<std::int64_t> number = match.Int("dvpn_id")) dvpn_id = static_cast<int>(*number);
  std::optional<Ipv4> peer;
  if (match.Find("private_ip") != nullptr) peer = Ipv4::Parse(match.Text("private_ip"));
  return session.device().ResetDvpnMap(dvpn_id, peer);
}

Status ResetHistory(Operator& session, const Match&) {
  session.device().ResetDvpnHistory();
  return {};
}

Status ResetSession(Operator& session, const Match& match) {
  return session.device().ResetDvpnSession(static_cast<int>(*match.Int("dvpn_id")),
                                           *Ipv4::Parse(match.Text("private_ip")));
}

Status ResetStatistics(Operator& session, const Match&) {
  session.device().ResetDvpnStatistics();
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn map { all | dvpn-id <dvpn_id:interface.dvpn_id> | private-ip <private_ip:ip> | public-ip "
             "<public_ip:ip> }",
     .help = "|Dynamic VPN|Registrations, between a client and its server|All of them|Of one domain|Domain ID|"
             "With one peer|Private IP address of the peer|With one peer|Public IP address of the peer",
     .run = DisplayMap,
     .shows = &kMapsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn session { all | dvpn-id <dvpn_id:interface.dvpn_id> [ private-ip <private_ip:ip> ] }",
     .help =
         "||Tunnels that carry data|All of them|Of one domain|Domain ID|With one peer|Private IP address of the peer",
     .run = DisplaySession,
     .shows = &kSessionsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn ipsec-sa { all | dvpn-id <dvpn_id:interface.dvpn_id> [ private-ip <private_ip:ip> ] }",
     .help = "||Security associations of sessions|All of them|Of one domain|Domain ID|With one peer|"
             "Private IP address of the peer",
     .run = DisplaySa,
     .shows = &kDvpnSasDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn info { global | dvpn-id <dvpn_id:interface.dvpn_id> }",
     .help = "||Settings and counters|Of this device|Of one domain|Domain ID",
     .run = DisplayInfo,
     .shows = &kDvpnInfoDisplay},
    // Ours: the MIB has this table, no source has a command for it.
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn session history [ dvpn-id <dvpn_id:interface.dvpn_id> [ private-ip <private_ip:ip> ] ]",
     .help = "|||Sessions that were and are|Of one domain|Domain ID|With one peer|Private IP address of the peer",
     .run = DisplayHistory,
     .shows = &kHistoryDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn online-user [ dvpn-id <dvpn_id:interface.dvpn_id> ]",
     .help = "||Users of registered clients|Of one domain|Domain ID",
     .run = DisplayOnlineUser,
     .shows = &kOnlineUsersDisplay},
    // Ours.
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn suite",
     .help = "||Clients of this server by algorithm suite (extension)",
     .run = DisplaySuite,
     .shows = &kDvpnSuitesDisplay},
    // Our extension.
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display dvpn why [ <peer:ip> | class <name:dvpn_policy.name> ]",
     .help = "||In words, where a peer or a registration stands and what to try (extension)|Private IP address of the "
             "peer|Registration with the server of a class|Class name",
     .run = DisplayWhy,
     .shows = &kWhyDisplay},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset dvpn all [ <dvpn_id:interface.dvpn_id> ]",
     .help = "Reset operation|Dynamic VPN|Everything: maps, and with them their sessions|Domain ID",
     .run = ResetMap},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset dvpn map { all | dvpn-id <dvpn_id:interface.dvpn_id> [ private-ip <private_ip:ip> ] | private-ip "
             "<private_ip:ip> }",
     .help =
         "||End registrations|All of them|Of one domain|Domain ID|With one peer|Private IP address of the peer|With "
         "one peer|Private IP address of the peer",
     .run = ResetMap},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset dvpn session <dvpn_id:interface.dvpn_id> <private_ip:ip>",
     .help = "||End a session|Domain ID|Private IP address of the peer",
     .run = ResetSession},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset dvpn session history",
     .help = "|||Forget sessions that are over",
     .run = ResetHistory},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset dvpn statistics",
     .help = "||Clear the counters",
     .run = ResetStatistics},
};

}  // namespace

std::span<const Command> DvpnDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
