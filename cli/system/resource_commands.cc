// `display memory`, `display cpu-usage`, `display environment`. Names: Router 2.30 command list, host switch; layout
// and what is counted are our own.
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "cli/system/displays.h"
#include "device/device.h"
#include "device/system/resources.h"

namespace sw::cli {
namespace {

Status DisplayMemory(Operator& session, const Match&) {
  session.Show(kMemoryDisplay, device::ReadMemoryUse());
  return {};
}

Status DisplayCpuUsage(Operator& session, const Match&) {
  const auto row = session.store().Find("system", {std::int64_t{1}});
  const std::string cycle = row.ok() && *row ? (*row)->TextOr("cpu_cycle", "") : "";
  session.Show(kCpuDisplay, CpuView{device::ProcessorTime(), session.device().uptime(), cycle});
  return {};
}

Status DisplayEnvironment(Operator& session, const Match&) {
  session.Show(kTemperaturesDisplay, device::ReadTemperatures());
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display memory",
     .help = "|Memory of this machine and of this device",
     .run = DisplayMemory,
     .shows = &kMemoryDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display environment",
     .help = "|Temperatures of this machine",
     .run = DisplayEnvironment,
     .shows = &kTemperaturesDisplay},
    // Values: recollection of the siblings.
    {.views = In(View::kSystem),
     .form = "cpu-usage cycle { 1min=cpu_cycle:NULL | 5sec=cpu_cycle | 72min=cpu_cycle }",
     .help = "Processor|Time over which its use is counted (stored only: it is since the start)|A minute, the default|"
             "5 seconds|72 minutes",
     .undo = "cpu-usage cycle",
     .stores = Stores::kColumns,
     .table = "system",
     .acts = false},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display cpu-usage",
     .help = "|What this device uses of the processor",
     .run = DisplayCpuUsage,
     .shows = &kCpuDisplay},
};

}  // namespace

std::span<const Command> ResourceCommands() {
  return kCommands;
}

}  // namespace sw::cli
