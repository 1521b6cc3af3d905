// Types at a terminal of a bench and keeps its screen.
#pragma once

#include <string>
#include <string_view>

#include "cli/session/key_terminal.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {

// What SSH sessions sit at.
class Typist {
 public:
  explicit Typist(TestBench& bench)
      : terminal_(
            *bench.session, bench.scheduler, [this](std::string_view text) { screen += text; }, [] {}) {
    terminal_.Start();
  }
  void Type(std::string_view keys) { terminal_.Keys(keys); }
  std::string screen;

 private:
  KeyTerminal terminal_;
};

}  // namespace sw::cli
