// Moving between views, the device's name and version, what helps to find a fault.
#include <fmt/format.h>

#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "cli/system/displays.h"
#include "device/device.h"
#include "version.h"

namespace sw::cli {
namespace {

Status SystemView(Operator& session, const Match&) {
  session.Print("System View: return to User View with Ctrl+Z.\n");
  session.Enter(View::kSystem);
  return {};
}

Status Quit(Operator& session, const Match&) {
  switch (session.view()) {
    case View::kUser:
      session.Close();
      break;
    case View::kSystem:
      session.Enter(View::kUser);
      break;
    default:
      session.Enter(View::kSystem);
  }
  return {};
}

Status Return(Operator& session, const Match&) {
  session.Enter(View::kUser);
  return {};
}

Status DisplayVersion(Operator& session, const Match&) {
  const device::Device& device = session.device();
  const VersionView view{device.sysname(), kVersion, device.crypto().engine,
                         std::chrono::duration_cast<std::chrono::minutes>(device.uptime()).count()};
  session.Show(kVersionDisplay, view);
  return {};
}

Status SetLanguage(Operator&, const Match& match) {
  if (match.Has("chinese")) return {Code::kUnsupported, "This device speaks English only"};
  return {};
}

// The usual displays one after the other. Which: our choice.
constexpr std::string_view kDiagnosis[] = {
    "display clock",
    "display version",
    "display current-configuration",
    "display interface",
    "display ip interface",
    "display ip routing-table",
    "display device crypto",
    "display users",
    "display dvpn info global",
    "display dvpn map all",
    "display dvpn session all",
    "display acl all",
    "display logbuffer",
};

Status DisplayDiagnosis(Operator& session, const Match&) {
  DiagnosisView parts;
  for (const std::string_view line : kDiagnosis) {
    const ParseResult parsed = session.grammar().Parse(session.view(), session.seat().level(), line);
    if (!parsed.match) continue;
    Result<Record> shown = session.Capture([&] { return parsed.match->command->run(session, *parsed.match); });
    parts.push_back({std::string(line), shown.ok() ? "" : shown.status().why(), shown.ok() ? *shown : Record()});
  }
  session.Show(kDiagnosisDisplay, parts);
  return {};
}

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "system-view",
     .help = "Enter the System View",
     .run = SystemView,
     .offline = true},
    {.views = kAnyView,
     .level = kVisit,
     .form = "quit",
     .help = "Exit from current command view",
     .run = Quit,
     .offline = true},
    {.views = kAllButUser,
     .level = kVisit,
     .form = "return",
     .help = "Exit to User View",
     .run = Return,
     .offline = true},
    {.views = In(View::kSystem),
     .form = "sysname <sysname>",
     .help = "Specify the name of this device|Name of this device",
     .undo = "sysname",
     .stores = Stores::kColumns,
     .table = "system"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display version",
     .help = "Display current system information|Software version and uptime of this device",
     .run = DisplayVersion,
     .shows = &kVersionDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display diagnostic-information",
     .help = "|What helps to find a fault: the usual displays one after the other",
     .run = DisplayDiagnosis,
     .shows = &kDiagnosisDisplay},
    {.views = In(View::kUser),
     .level = kVisit,
     .form = "language-mode { chinese | english }",
     .help = "Specify the language|Chinese, which this device does not speak|English",
     .run = SetLanguage},
};

}  // namespace

std::span<const Command> SystemCommands() {
  return kCommands;
}

}  // namespace sw::cli
