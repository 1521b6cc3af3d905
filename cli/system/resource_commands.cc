// `display memory`, `display cpu-usage`, `display environment`. Names: Router 2.30 command list, host switch; layout
// and what is counted are our own.
#include <fmt/format.h>

#include <chrono>

#include "cli/display/json.h"
#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/system/resources.h"

namespace sw::cli {
namespace {

Status DisplayMemory(Session& session, const Match&) {
  const device::MemoryUse use = device::ReadMemoryUse();
  session.Print(session.json() ? MemoryJson(use)
                               : fmt::format(" Memory of this machine(bytes): {}\n Available to programs(bytes):  {}\n"
                                             " Used by this device(bytes):    {}\n",
                                             use.total, use.available, use.own));
  return {};
}

Status DisplayCpuUsage(Session& session, const Match&) {
  const auto row = session.store().Find("system", {std::int64_t{1}});
  const std::string cycle = row.ok() && *row ? (*row)->TextOr("cpu_cycle", "") : "";
  const CpuView view{device::ProcessorTime(), session.device().uptime(), cycle};
  session.Print(session.json()
                    ? CpuJson(view)
                    : fmt::format(" CPU usage of this device: {:.1f}% of one processor since its start\n"
                                  " CPU time used(ms):        {}\n{}",
                                  view.percent(),
                                  std::chrono::duration_cast<std::chrono::milliseconds>(view.used).count(),
                                  cycle.empty() ? "" : fmt::format(" Cycle, stored only:       {}\n", cycle)));
  return {};
}

Status DisplayEnvironment(Session& session, const Match&) {
  const std::vector<device::Temperature> temperatures = device::ReadTemperatures();
  if (session.json()) {
    session.Print(TemperaturesJson(temperatures));
    return {};
  }
  std::string out =
      temperatures.empty() ? " This machine has no temperature sensor\n" : " Temperatures(degrees Celsius):\n";
  for (const device::Temperature& each : temperatures)
    out += fmt::format(" {:<30} {:.1f}\n", each.sensor, each.celsius);
  session.Print(out);
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display memory",
     .help = "|Memory of this machine and of this device",
     .run = DisplayMemory},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display environment",
     .help = "|Temperatures of this machine",
     .run = DisplayEnvironment},
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
     .run = DisplayCpuUsage},
};

}  // namespace

std::span<const Command> ResourceCommands() {
  return kCommands;
}

}  // namespace sw::cli
