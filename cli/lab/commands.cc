// What only a lab has, all ours: going from device to device, and faults of DVPN.
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/device.h"

namespace sw::cli {
namespace {

constexpr auto kNodes = Fields<std::vector<std::string>>({
    {"nodes", "Devices of the lab", [](auto& names) { return names; }},
});
constexpr DisplayOf<std::vector<std::string>> kNodesDisplay(kNodes, "{*nodes} {.}\n{/}");

Status SelectNode(Operator& session, const Match& match) {
  return session.seat().options().neighbours->Select(match.Text("name"));
}

Status DisplayNodes(Operator& session, const Match&) {
  session.Show(kNodesDisplay, session.seat().options().neighbours->Names());
  return {};
}

// At every DVPN tunnel of the device that the operator sits at.
Status InjectDvpnFault(Operator& session, const Match& match) {
  std::optional<dvpn::Fault> fault;
  if (const auto step = match.Int("step")) {
    fault.emplace();
    fault->step = static_cast<int>(*step);
    fault->kind = match.Has("refuse")    ? dvpn::Fault::Kind::kRefuse
                  : match.Has("corrupt") ? dvpn::Fault::Kind::kCorrupt
                                         : dvpn::Fault::Kind::kDrop;
  }
  session.device().InjectDvpnFault(fault);
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
    {.views = In(View::kUser),
     .level = kManage,
     .form = "fault inject dvpn { step <step:int:1-8> { refuse | drop | corrupt } | none }",
     .help =
         "Faults, for tests|Let something go wrong|Registration of DVPN clients (extension)|The message of a step, "
         "where it arrives|1 to 8, as on page 207 of the guide|Is refused|Is lost|Arrives altered|Nothing goes wrong "
         "any more",
     .run = InjectDvpnFault},
};

}  // namespace

std::span<const Command> LabCommands() {
  return kCommands;
}

}  // namespace sw::cli
