// Domains, local users, schemes, and who is in. Names of commands: list of the original chapter; `cut connection` and
// the filters are recollection.
#include "cli/aaa/displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/aaa/aaa.h"
#include "device/config/config.h"
#include "device/device.h"

namespace sw::cli {
namespace {

// The objects of a table that `match` names by <name>, or all of them; empty with a reason when there is none.
template <typename T>
Result<std::vector<const T*>> Chosen(const std::map<std::string, T>& objects, const Match& match,
                                     std::string_view what) {
  std::vector<const T*> out;
  const std::string name = match.Text("name");
  for (const auto& [key, object] : objects)
    if (name.empty() || key == name) out.push_back(&object);
  if (out.empty() && !name.empty()) return NoSuch(what);
  return out;
}

const device::AaaConfig& ConfigOf(Operator& session) {
  return session.device().config().aaa;
}

Status DisplayDomain(Operator& session, const Match& match) {
  const auto domains = Chosen(ConfigOf(session).domains, match, "The domain");
  if (!domains.ok()) return domains.status();
  session.Show(kDomainsDisplay, {ConfigOf(session), *domains});
  return {};
}

bool HasService(const device::LocalUser& user, const Match& match) {
  return (match.Has("dvpn") && user.dvpn) || (match.Has("ftp") && user.ftp) || (match.Has("ppp") && user.ppp) ||
         (match.Has("ssh") && user.ssh) || (match.Has("telnet") && user.telnet) ||
         (match.Has("terminal") && user.terminal);
}

Status DisplayLocalUser(Operator& session, const Match& match) {
  std::vector<const device::LocalUser*> users;
  for (const auto& [name, user] : ConfigOf(session).users) {
    if (match.Has("user-name") && name != match.Text("name")) continue;
    if (match.Has("domain") && !name.ends_with("@" + match.Text("domain_name"))) continue;
    if (match.Has("state") && user.active != match.Has("active")) continue;
    if (match.Has("service-type") && !HasService(user, match)) continue;
    users.push_back(&user);
  }
  session.Show(kLocalUsersDisplay, {users, session.device().aaa().connections()});
  return {};
}

Status DisplayRadius(Operator& session, const Match& match) {
  const auto schemes = Chosen(ConfigOf(session).radius, match, "The scheme");
  if (!schemes.ok()) return schemes.status();
  session.Show(kRadiusSchemesDisplay, {*schemes, session.device().aaa().radius()});
  return {};
}

Status DisplayHwtacacs(Operator& session, const Match& match) {
  const auto schemes = Chosen(ConfigOf(session).hwtacacs, match, "The scheme");
  if (!schemes.ok()) return schemes.status();
  session.Show(kHwtacacsSchemesDisplay, *schemes);
  return {};
}

Status DisplayStatistics(Operator& session, const Match&) {
  session.Show(kRadiusStatisticsDisplay, session.device().aaa().radius().statistics());
  return {};
}

Status ResetStatistics(Operator& session, const Match&) {
  session.device().aaa().radius().ResetStatistics();
  return {};
}

bool Selects(const Match& match, const device::Connection& connection) {
  if (match.Has("domain")) return connection.domain == match.Text("domain_name");
  if (match.Has("ip")) return connection.address.ToString() == match.Text("address");
  if (match.Has("user-name")) return connection.user == match.Text("user_name");
  return true;
}

Status DisplayConnection(Operator& session, const Match& match) {
  std::vector<device::Connection> connections = session.device().aaa().connections();
  std::erase_if(connections, [&](const device::Connection& c) { return !Selects(match, c); });
  session.Show(kConnectionsDisplay, {session.device().scheduler().now(), connections});
  return {};
}

Status CutConnection(Operator& session, const Match& match) {
  session.device().aaa().Cut([&](const device::Connection& c) { return Selects(match, c); });
  return {};
}

bool Selects(const Match& match, const device::BufferedStop& stop) {
  if (match.Has("radius-scheme")) return stop.scheme == match.Text("scheme");
  if (match.Has("session-id")) return stop.session_id == match.Text("session_id");
  if (match.Has("user-name")) return stop.user == match.Text("user_name");
  return true;
}

Status DisplayStops(Operator& session, const Match& match) {
  std::vector<device::BufferedStop> stops = session.device().aaa().buffered_stops();
  std::erase_if(stops, [&](const device::BufferedStop& stop) { return !Selects(match, stop); });
  session.Show(kBufferedStopsDisplay, {session.device().scheduler().now(), stops});
  return {};
}

Status ResetStops(Operator& session, const Match& match) {
  session.device().aaa().ResetBufferedStops([&](const device::BufferedStop& stop) { return Selects(match, stop); });
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display domain [ <name:isp_domain.name> ]",
     .help = "|ISP domains|Domain name",
     .run = DisplayDomain,
     .shows = &kDomainsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form =
         "display local-user [ domain <domain_name:isp_domain.name> | service-type { dvpn | ftp | ppp | ssh | telnet | "
         "terminal } | state { active | block } | user-name <name:local_user.name> ]",
     .help = "|Local users|Of one domain|Domain name|With one service|DVPN clients|FTP|PPP|SSH|Telnet|Console|In one "
             "state|May use the services|May not|One user|User name",
     .run = DisplayLocalUser,
     .shows = &kLocalUsersDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display radius scheme [ <name:radius_scheme.name> ]",
     .help = "|RADIUS|Schemes and the state of their servers|Scheme name",
     .run = DisplayRadius,
     .shows = &kRadiusSchemesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display radius statistics",
     .help = "||Requests and answers",
     .run = DisplayStatistics,
     .shows = &kRadiusStatisticsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display hwtacacs [ <name:radius_scheme.name> ]",
     .help = "|HWTACACS schemes|Scheme name",
     .run = DisplayHwtacacs,
     .shows = &kHwtacacsSchemesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display connection [ domain <domain_name:isp_domain.name> | ip <address:ip> | user-name "
             "<user_name:local_user.name> ]",
     .help = "|Users who are in|Of one domain|Domain name|With one address|IP address|One user|User name",
     .run = DisplayConnection,
     .shows = &kConnectionsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display stop-accounting-buffer [ radius-scheme <scheme:radius_scheme.name> | session-id "
             "<session_id:string:1-50> | user-name <user_name:local_user.name> ]",
     .help = "|Accounting stops that no server has answered|Of one scheme|Scheme name|Of one session|Session ID|Of one "
             "user|User name",
     .run = DisplayStops,
     .shows = &kBufferedStopsDisplay},
    {.views = In(View::kSystem),
     .level = kConfigure,
     .form = "cut connection { all | domain <domain_name:isp_domain.name> | ip <address:ip> | user-name "
             "<user_name:local_user.name> }",
     .help = "End what is there|Users who are in|All of them|Of one domain|Domain name|With one address|IP address|One "
             "user|User name",
     .run = CutConnection},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset radius statistics",
     .help = "Reset operation|RADIUS|Requests and answers",
     .run = ResetStatistics},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset stop-accounting-buffer { all | radius-scheme <scheme:radius_scheme.name> | session-id "
             "<session_id:string:1-50> | user-name <user_name:local_user.name> }",
     .help =
         "|Accounting stops that no server has answered|All of them|Of one scheme|Scheme name|Of one session|Session "
         "ID|Of one user|User name",
     .run = ResetStops},
};

}  // namespace

std::span<const Command> AaaDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
