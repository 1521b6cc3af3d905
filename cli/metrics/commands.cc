// The metrics server: whether there is one, and where it listens. Ours.
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr std::string_view kTable = "metrics_global";

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "metrics server enable=server:1",
     .help = "Counters for Prometheus|Server of the counters|It listens",
     .undo = "metrics server enable",
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "metrics server address <address>",
     .help = "||Where it listens|{}",
     .undo = "metrics server address",
     .stores = Stores::kColumns,
     .table = kTable},
    {.views = In(View::kSystem),
     .level = kManage,
     .form = "metrics server port <port>",
     .help = "||At which port it listens|{}",
     .undo = "metrics server port",
     .stores = Stores::kColumns,
     .table = kTable},
};

}  // namespace

std::span<const Command> MetricsCommands() {
  return kCommands;
}

}  // namespace sw::cli
