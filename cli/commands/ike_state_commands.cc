// What IKE is doing: its SAs, their end by hand, debugging. Syntax: guide page 185 (debugging ike error), the rest
// recollection confirmed by contents lists of later manuals.
#include "cli/commands/ike_debugging.h"
#include "cli/commands/tables.h"
#include "cli/render/ike.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

Status DisplaySa(Session& session, const Match&) {
  session.Print(IkeSaText(session.device().ike_sas()));
  return {};
}

Status ResetSa(Session& session, const Match& match) {
  const std::optional<std::int64_t> id = match.Int("id");
  Status done = session.device().ResetIkeSa(id ? std::optional(static_cast<std::uint32_t>(*id)) : std::nullopt);
  if (done.ok()) return done;
  return {done.code(), "The connection does not exist"};
}

Status Debugging(Session& session, const Match& match) {
  device::IkeDebugSwitches& on = session.device().monitor().ike_debugging();
  for (const IkeSwitch& each : kIkeSwitches) {
    if (!match.Has("all") && !match.Has(each.word)) continue;
    if (match.undo) {
      on.erase(each.topic);
    } else {
      on.insert(each.topic);
    }
  }
  return {};
}

constexpr std::string_view kDebuggingForm = "debugging ike { all | error | exchange | message | misc | transport }";

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike sa",
     .help = "||Security associations",
     .run = DisplaySa},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset ike sa [ <id:int:1-2000000000> ]",
     .help = "|Internet key exchange|Security associations|Connection",
     .run = ResetSa},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = kDebuggingForm,
     .help = "|Internet key exchange|Everything|Errors|Steps of exchanges|Messages|Timers and liveness|Ports",
     .run = Debugging,
     .undo = kDebuggingForm,
     .undo_run = Debugging},
};

}  // namespace

std::span<const Command> IkeStateCommands() {
  return kCommands;
}

}  // namespace sw::cli
