// A device's configuration as text, and text as its configuration.
#pragma once

#include <string>

#include "cli/configuration/text.h"
#include "cli/replay/replay.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {

inline std::string Printed(TestBench& bench) {
  return *ConfigurationText(bench.grammar, bench.device->store());
}

inline ReplayReport Apply(TestBench& bench, const std::string& text, OnError on_error = OnError::kContinue) {
  ReplayReport report;
  Replay replay(*bench.session, "text", text, on_error);
  replay.Start([&report](ReplayReport done) { report = std::move(done); });
  bench.session->Listen(&bench.screen);
  return report;
}

inline std::string Refusals(const ReplayReport& report) {
  std::string out;
  for (const LineReport& line : report.lines) {
    if (line.outcome == Outcome::kRefused) out += line.text + ": " + line.reason + "\n";
  }
  return out;
}

}  // namespace sw::cli
