// Going from device to device in a lab: ours, and only where there is a lab.
#include "cli/session/session.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr auto kNodes = Fields<std::vector<std::string>>({
    {"nodes", "Devices of the lab", [](auto& names) { return names; }},
});
constexpr DisplayOf<std::vector<std::string>> kNodesDisplay(kNodes, "{*nodes} {.}\n{/}");

Status SelectNode(Session& session, const Match& match) {
  return session.options().neighbours->Select(match.Text("name"));
}

Status DisplayNodes(Session& session, const Match&) {
  session.Show(kNodesDisplay, session.options().neighbours->Names());
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kVisit,
     .form = "lab node <name:string:1-64>",
     .help = "The lab this device is part of|Sit at another device|Name of the device",
     .run = SelectNode},
    {.views = kAnyView,
     .level = kVisit,
     .form = "display lab",
     .help = "|Devices of the lab",
     .run = DisplayNodes,
     .shows = &kNodesDisplay},
};

}  // namespace

std::span<const Command> LabCommands() {
  return kCommands;
}

}  // namespace sw::cli
