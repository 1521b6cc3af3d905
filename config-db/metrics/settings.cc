// The metrics server. Ours.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kMetricsGlobal[] = {
    Int("id", 1, 1),
    Flag("server"),
    Address("address", {.preset_words = "127.0.0.1", .unit = "IP address"}),
    Int("port", 1, 65535, {.preset = 9882, .unit = "port"}),
};

constexpr Table kTables[] = {
    {.name = "metrics_global",
     .keys = 1,
     .columns = kMetricsGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOurs},
};

}  // namespace

std::span<const Table> MetricsTables() {
  return kTables;
}

}  // namespace sw::configdb
