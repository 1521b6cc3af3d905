// What the metrics server tells: displays, and how each becomes families (cli/metrics/families.h).
//
// A source is taken on the device's thread, and only taken: what there is, as values. Fields, labels and text are made of
// it on the server's thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/display/field.h"
#include "cli/metrics/families.h"
#include "device/device.h"

namespace sw::cli {

// Makes the record of what was taken, on any thread; nullopt: there is none.
using Taken = std::function<std::optional<Record>()>;

struct InnerRows {
  std::string_view list;  // of the source's rows
  FamilyShape shape;
};
struct MetricsSource {
  std::string_view list;  // whose records are the rows; empty: the display itself is the only one
  FamilyShape shape;
  std::span<const InnerRows> inner = {};
  Taken (*take)(device::Device& device);
};
std::span<const MetricsSource> MetricsSources();

// `taken`: of each source, in their order.
std::string MetricsText(const std::vector<Taken>& taken, MetricsForm form);

}  // namespace sw::cli
