// ISP domains and local users. Sources: Router 3000 command reference page 1023 and Switch 8800 configuration guide
// page 240 (domain), Switch 8800 firewall guide page 228 (scheme, local users), siblings (access-limit, idle-cut,
// self-service-url, state); lengths of names, `domain default` and `local-user password-display-mode` are recollection.
// What no part of this product can act on (PPP, FTP, idle-cut, self-service, authorization) is stored and says so in
// its help.
#include <algorithm>

#include "cli/grammar/text.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr std::string_view kDefaultDomain = "system";

std::string DomainName(const Match& match) {
  std::string name = match.Text("name");
  std::ranges::transform(name, name.begin(), Lower);  // domain names are the same in either case
  return name;
}

Status EnterDomain(Operator& session, const Match& match) {
  const std::string name = DomainName(match);
  if (name.find_first_of("/:*?<>@") != std::string::npos) {
    return {Code::kBadValue, "A domain name holds none of / : * ? < > @"};
  }
  bool created = false;
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> ensured = edit.Ensure("isp_domain", {name});
    created = ensured.ok() && *ensured;
    return ensured.status();
  }));
  if (created) session.Print("New Domain added.\n");
  session.Enter(View::kIspDomain, {name});
  return {};
}

Status RemoveDomain(Operator& session, const Match& match) {
  const std::string name = DomainName(match);
  if (name == kDefaultDomain) return {Code::kInUse, "The default domain cannot be removed"};
  SW_TRY(session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, "isp_domain", {name}, NoSuch("The domain")); }));
  if (session.view() == View::kIspDomain && session.object() == configdb::Key{name}) session.Enter(View::kSystem);
  return {};
}

constexpr std::string_view kServices[] = {"dvpn", "ssh", "telnet", "terminal"};

// Services add up, and their undo takes away what it names; what is not named stays as it is.
Status ChangeServices(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) -> Status {
    for (std::string_view service : kServices) {
      if (!match.Has(service)) continue;
      const configdb::Value value = match.undo ? configdb::Value() : configdb::Value(std::int64_t{1});
      SW_TRY(edit.Set("local_user", session.object(), "service_" + std::string(service), value).status());
    }
    const std::optional<std::int64_t> level = match.Int("level");
    if (!level) return {};
    return edit.Set("local_user", session.object(), "level", *level == 0 ? configdb::Value() : configdb::Value(*level))
        .status();
  });
}

// `all` counts only when it is written in full: `undo local-user a` means the user a.
Status RemoveAllUsers(Operator& session, const Match& match) {
  const Argument& all = *match.Find("all");
  if (all.end - all.begin != all.value.size()) {
    const std::string name = all.value.substr(0, all.end - all.begin);
    return session.Configure([&](configdb::Edit& edit) { return RemoveRow(edit, "local_user", {name}, NoSuch(name)); });
  }
  const std::string service = match.Find("service") == nullptr ? "" : "service_" + match.Text("service");
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::vector<configdb::Row>> users = edit.store().Rows("local_user");
    if (!users.ok()) return users.status();
    for (const configdb::Row& user : *users) {
      if (!service.empty() && user.IntOr(service, 0) == 0) continue;
      if (const Result<bool> removed = edit.Remove("local_user", {user.TextOr("name", "")}); !removed.ok())
        return removed.status();
    }
    return {};
  }));
  if (session.view() == View::kLocalUser) session.Enter(View::kSystem);
  return {};
}

constexpr Views kUserView = In(View::kLocalUser), kDomainView = In(View::kIspDomain), kSystem = In(View::kSystem);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kDomainTable = "isp_domain", kUserTable = "local_user", kGlobalTable = "aaa_global";

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "domain <name>",
     .help = "Add domain or modify domain attributes|Domain name",
     .run = EnterDomain,
     .undo = "domain <name>",
     .undo_run = RemoveDomain,
     .stores = Stores::kObject,
     .table = kDomainTable,
     .enters = View::kIspDomain},
    {.views = kSystem,
     .form = "domain default { disable=default_domain:NULL | enable <default_domain> }",
     .help = "|The domain of users who name none|The domain system, the default|Another one|Domain name",
     .undo = "domain default",
     .stores = kColumns,
     .table = kGlobalTable},
    {.views = kDomainView,
     .form = "state { active=state:NULL | block=state }",
     .help = "Specify the state of the domain|Its users may log in, the default|They may not; who is in stays",
     .undo = "state",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "access-limit { disable=access_limit:NULL | enable <access_limit> }",
     .help = "Specify how many users may be in|Any number, the default|A limit|Users",
     .undo = "access-limit",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "scheme { radius-scheme <radius_scheme> [ local=scheme_local:1 ] | hwtacacs-scheme "
             "<hwtacacs_scheme> [ local=scheme_local:1 ] | local=scheme:NULL | none=scheme }",
     .help = "Specify where users are checked|By RADIUS|Scheme name|By the local users when no server answers|"
             "By HWTACACS (stored only)|Scheme name|By the local users|By the local users, the default|Not at all",
     .undo = "scheme [ radius-scheme | hwtacacs-scheme | local | none ]",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "authentication { radius-scheme <authentication_radius> [ local=authentication_local:1 ] | "
             "hwtacacs-scheme <authentication_hwtacacs> [ local=authentication_local:1 ] | "
             "local=authentication | none=authentication }",
     .help = "Specify where passwords are checked, instead of the scheme|By RADIUS|Scheme name|"
             "By the local users when no server answers|By HWTACACS (stored only)|Scheme name|By the local users|"
             "By the local users|Not at all",
     .undo = "authentication",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "authentication super hwtacacs-scheme <authentication_super>",
     .help = "|Where users prove that they may change the level (stored only)|By HWTACACS|Scheme name",
     .undo = "authentication super",
     .stores = kColumns,
     .table = kDomainTable,
     .acts = false},
    {.views = kDomainView,
     .form = "authorization { hwtacacs-scheme <authorization_hwtacacs> | local=authorization | "
             "none=authorization }",
     .help = "Specify where rights come from (stored only; they come with the authentication)|By HWTACACS|Scheme name|"
             "By the local users|Not at all",
     .undo = "authorization",
     .stores = kColumns,
     .table = kDomainTable,
     .acts = false},
    {.views = kDomainView,
     .form = "accounting { radius-scheme <accounting_radius> | hwtacacs-scheme "
             "<accounting_hwtacacs> | none=accounting }",
     .help = "Specify where users are accounted, instead of the scheme|By RADIUS|Scheme name|By HWTACACS (stored only)|"
             "Scheme name|Not at all",
     .undo = "accounting",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "accounting optional=accounting_optional:1",
     .help = "|Users stay when no accounting server answers",
     .undo = "accounting optional",
     .stores = kColumns,
     .table = kDomainTable},
    {.views = kDomainView,
     .form = "idle-cut { disable=idle_minutes:NULL | enable <idle_minutes> <idle_flow> }",
     .help =
         "Cut users without traffic (stored only)|Not, the default|After so long|Minutes|Bytes that are no traffic yet",
     .undo = "idle-cut",
     .stores = kColumns,
     .table = kDomainTable,
     .acts = false},
    {.views = kDomainView,
     .form = "self-service-url { disable=self_service_url:NULL | enable <self_service_url> }",
     .help = "Page on which users change their passwords (stored only)|None, the default|This one|URL",
     .undo = "self-service-url",
     .stores = kColumns,
     .table = kDomainTable,
     .acts = false},

    {.views = kSystem,
     .level = kManage,
     .form = "local-user <name>",
     .help = "Add local user or modify its attributes|User name, with or without @domain",
     .undo = "local-user <name>",
     .stores = Stores::kObject,
     .table = kUserTable,
     .enters = View::kLocalUser,
     .created = "New local user added."},
    {.views = kSystem,
     .level = kManage,
     .form = "local-user password-display-mode { auto=password_display_mode:NULL | "
             "cipher-force=password_display_mode }",
     .help = "|How passwords of local users are shown (stored only; never as typed)|As hash or cipher text, the default|"
             "Always concealed",
     .undo = "local-user password-display-mode",
     .stores = kColumns,
     .table = kGlobalTable,
     .acts = false},
    {.views = kSystem,
     .level = kManage,
     .form = "undo local-user all=all [ service-type { dvpn=service | ftp=service | ppp=service | ssh=service | "
             "telnet=service | terminal=service } ]",
     .help =
         "Cancel current setting|Remove local users|All of them|Those of one service|DVPN clients|FTP|PPP|SSH|Telnet|"
         "Console",
     .run = RemoveAllUsers},
    {.views = kUserView,
     .level = kManage,
     .form = "password { simple=password_form <password> | cipher=password_form <password:concealed> | "
             "hash=password_form <password:concealed> }",
     .help = "Specify the password of the user|As typed, kept as a hash; of DVPN clients as cipher text|The password|"
             "Concealed, kept likewise|The password, or its concealed text|As the device prints it|The hash",
     .run = StoreSecret,
     .undo = "password",
     .stores = kColumns,
     .table = kUserTable},
    {.views = kUserView,
     .level = kManage,
     .form = "service-type { dvpn=service_dvpn:1 | ssh=service_ssh:1 | telnet=service_telnet:1 | "
             "terminal=service_terminal:1 }*",
     .help = "Specify the services the user may use|DVPN clients|Terminals over SSH|Terminals over Telnet|"
             "The console and other local lines",
     .run = ChangeServices,
     .undo = "service-type { dvpn | ssh | telnet | terminal }*",
     .undo_run = ChangeServices,
     .stores = kColumns,
     .table = kUserTable},
    {.views = kUserView,
     .level = kManage,
     .form = "service-type { ssh | telnet | terminal }* level <level:local_user.level>",
     .help = "|Terminals over SSH|Terminals over Telnet|The console and other local lines|Level of the user|Level",
     .run = ChangeServices},
    {.views = kUserView,
     .level = kManage,
     .form = "service-type ftp=service_ftp:1 [ ftp-directory <ftp_directory> ]",
     .help = "|FTP (stored only)|Where the user starts|Directory",
     .undo = "service-type ftp",
     .stores = kColumns,
     .table = kUserTable,
     .acts = false},
    {.views = kUserView,
     .level = kManage,
     .form = "service-type ppp=service_ppp:1",
     .help = "|PPP (stored only)",
     .undo = "service-type ppp",
     .stores = kColumns,
     .table = kUserTable,
     .acts = false},
    {.views = kUserView,
     .level = kManage,
     .form = "level <level>",
     .help = "Specify the level of the user|{}",
     .undo = "level",
     .stores = kColumns,
     .table = kUserTable},
    {.views = kUserView,
     .level = kManage,
     .form = "state { active=state:NULL | block=state }",
     .help = "Specify the state of the user|May use the services, the default|May not",
     .undo = "state",
     .stores = kColumns,
     .table = kUserTable},
    {.views = kUserView,
     .level = kManage,
     .form = "access-limit <access_limit>",
     .help = "Specify how often the user may be in at a time|{}",
     .undo = "access-limit",
     .stores = kColumns,
     .table = kUserTable},
};

}  // namespace

std::span<const Command> AaaCommands() {
  return kCommands;
}

}  // namespace sw::cli
