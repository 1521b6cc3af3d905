// `display version`, `display memory`, `display cpu-usage`, `display environment`. Own format but for the two lines of
// the version that public tools look for: the software line and the uptime line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/system/resources.h"
#include "hal/base/clock.h"

namespace sw::cli {

struct VersionView {
  std::string sysname, version, engine;
  std::int64_t uptime_minutes = 0;
};
extern const DisplayOf<VersionView> kVersionDisplay;

extern const DisplayOf<device::MemoryUse> kMemoryDisplay;

struct CpuView {
  Duration used, uptime;
  std::string cycle = {};  // `cpu-usage cycle`, which is stored only
};
extern const DisplayOf<CpuView> kCpuDisplay;

using TemperaturesView = std::vector<device::Temperature>;
extern const DisplayOf<TemperaturesView> kTemperaturesDisplay;

// Several displays one after the other.
struct DiagnosisPart {
  std::string command;
  std::string refused;  // why there is nothing to show, or empty
  Record shown;
};
using DiagnosisView = std::vector<DiagnosisPart>;
extern const DisplayOf<DiagnosisView> kDiagnosisDisplay;

}  // namespace sw::cli
