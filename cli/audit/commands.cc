// What is weak in the configuration of the device. Ours.
#include "cli/audit/audit.h"
#include "cli/audit/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/device.h"

namespace sw::cli {
namespace {

Status DisplayAudit(Operator& session, const Match& match) {
  const Profile profile = ParseProfile(match.Text("profile")).value_or(Profile::kRfc);
  Result<Audit> audit = AuditRows(session.grammar(), session.store(), session.device().config(), profile);
  if (!audit.ok()) return audit.status();
  audit->in_use = WeakUses(session.device(), profile);
  session.Show(kAuditDisplay, *audit);
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kManage,
     .form = "display security audit [ profile { rfc=profile | nist=profile | bsi=profile } ]",
     .help = "|Security of the configuration|What is weak in it, and what mends that|By whose yardstick|The RFCs, the "
             "default|NIST's special publications|BSI TR-02102-3",
     .run = DisplayAudit,
     .shows = &kAuditDisplay},
};

}  // namespace

std::span<const Command> AuditCommands() {
  return kCommands;
}

}  // namespace sw::cli
