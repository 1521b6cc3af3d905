// ISP domains and local users. Sources: Router 3000 command reference page 1023 (domain), Switch 8800 firewall guide
// page 228 (local users); lengths of names are recollection.
#include <algorithm>

#include "cli/commands/secrets.h"
#include "cli/commands/tables.h"
#include "cli/grammar/text.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

constexpr std::string_view kDefaultDomain = "system";

std::string DomainName(const Match& match) {
  std::string name = match.Text("name");
  std::ranges::transform(name, name.begin(), Lower);  // domain names are the same in either case
  return name;
}

Status EnterDomain(Session& session, const Match& match) {
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

Status RemoveDomain(Session& session, const Match& match) {
  const std::string name = DomainName(match);
  if (name == kDefaultDomain) return {Code::kInUse, "The default domain cannot be removed"};
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> removed = edit.Remove("isp_domain", {name});
    if (removed.ok() && !*removed) return {Code::kNotFound, "The domain does not exist"};
    return removed.status();
  }));
  if (session.view() == View::kIspDomain && session.object() == configdb::Key{name}) session.Enter(View::kSystem);
  return {};
}

constexpr Views kUserView = In(View::kLocalUser);

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "domain <name:string:1-24>",
     .help = "Add domain or modify domain attributes|Domain name",
     .run = EnterDomain,
     .undo = "domain <name:string:1-24>",
     .undo_run = RemoveDomain,
     .stores = Stores::kObject,
     .table = "isp_domain",
     .enters = View::kIspDomain},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "local-user <name:string:1-80>",
     .help = "Add local user or modify its attributes|User name, with or without @domain",
     .undo = "local-user <name:string:1-80>",
     .stores = Stores::kObject,
     .table = "local_user",
     .enters = View::kLocalUser,
     .created = "New local user added."},
    {.views = kUserView,
     .level = kManage,
     .form = "password { simple=password_form <password:string:1-63> | cipher=password_form <password:string:1-160> }",
     .help = "Specify the password of the user|Shown as typed|The password|Shown concealed|The password, or its "
             "concealed text",
     .run = StoreSecret,
     .undo = "password",
     .stores = Stores::kColumns,
     .table = "local_user"},
    {.views = kUserView,
     .level = kManage,
     .form = "service-type dvpn=service_dvpn:1",
     .help = "Specify the services the user may use|DVPN clients",
     .undo = "service-type dvpn",
     .stores = Stores::kColumns,
     .table = "local_user"},
    {.views = kUserView,
     .level = kManage,
     .form = "level <level:int:0-3:0>",
     .help = "Specify the level of the user|Level, 0 by default",
     .undo = "level",
     .stores = Stores::kColumns,
     .table = "local_user"},
    {.views = kUserView,
     .level = kManage,
     .form = "state { active=state:NULL | block=state }",
     .help = "Specify the state of the user|May use the services, the default|May not",
     .undo = "state",
     .stores = Stores::kColumns,
     .table = "local_user"},
};

}  // namespace

std::span<const Command> AaaCommands() {
  return kCommands;
}

}  // namespace sw::cli
