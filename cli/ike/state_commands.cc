// What IKE is doing: its SAs, their end by hand. Syntax: recollection confirmed by contents lists of later manuals.
#include "cli/ike/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/device.h"

namespace sw::cli {
namespace {

Status DisplaySa(Operator& session, const Match&) {
  session.Show(kIkeSasDisplay, session.device().ike_sas());
  return {};
}

Status ResetSa(Operator& session, const Match& match) {
  const std::optional<std::int64_t> id = match.Int("id");
  Status done = session.device().ResetIkeSa(id ? std::optional(static_cast<std::uint32_t>(*id)) : std::nullopt);
  if (done.ok()) return done;
  return {done.code(), "The connection does not exist"};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike sa",
     .help = "||Security associations",
     .run = DisplaySa,
     .shows = &kIkeSasDisplay},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset ike sa [ <id:int:1-2000000000> ]",
     .help = "|Internet key exchange|Security associations|Connection",
     .run = ResetSa},
};

}  // namespace

std::span<const Command> IkeStateCommands() {
  return kCommands;
}

}  // namespace sw::cli
