// Moving between views, the device's name, clock and version.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/commands/tables.h"
#include "cli/session/session.h"
#include "version.h"

namespace sw::cli {
namespace {

Status SystemView(Session& session, const Match&) {
  session.Print("System View: return to User View with Ctrl+Z.\n");
  session.Enter(View::kSystem);
  return {};
}

Status Quit(Session& session, const Match&) {
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

Status Return(Session& session, const Match&) {
  session.Enter(View::kUser);
  return {};
}

std::tm Utc(std::int64_t seconds) {
  return fmt::gmtime(static_cast<std::time_t>(seconds));
}

Status DisplayClock(Session& session, const Match&) {
  session.Print(fmt::format("{:%H:%M:%S} UTC {:%a %m/%d/%Y}\n", Utc(session.device().wall_clock()),
                            Utc(session.device().wall_clock())));
  return {};
}

// Own format; the uptime line is the one public parsers look for.
Status DisplayVersion(Session& session, const Match&) {
  const device::Device& device = session.device();
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(device.uptime()).count();
  session.Print(
      fmt::format("Switch 8800 IPsec module in software, sw8800 Version {}\n"
                  "Free software under the GNU General Public License, version 3 or later\n"
                  "{} uptime is {} week, {} day, {} hours, {} minutes\n"
                  "Crypto engine: {}\n",
                  kVersion, device.sysname(), minutes / (7 * 24 * 60), minutes / (24 * 60) % 7, minutes / 60 % 24,
                  minutes % 60, device.crypto().engine));
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
     .form = "sysname <sysname:string:1-30>",
     .help = "Specify the name of this device|Name of this device",
     .undo = "sysname",
     .stores = Stores::kColumns,
     .table = "system"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display clock",
     .help = "Display current system information|Clock status and configuration information",
     .run = DisplayClock},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display version",
     .help = "|Software version and uptime of this device",
     .run = DisplayVersion},
};

}  // namespace

std::span<const Command> SystemCommands() {
  return kCommands;
}

}  // namespace sw::cli
