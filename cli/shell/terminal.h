// The local terminal: GNU readline in front of a Console, driven by the event loop, so that prompt, output and
// debugging lines share one thread. Owns the terminal's mode from Start to its end. One per process (readline has
// one state).
//
// Keys beside readline's own: ? helps at once, TAB completes and cycles, Ctrl+Z returns to user view, Ctrl+C drops the
// line or cancels what runs, Ctrl+X and Ctrl+Y delete left and right of the cursor.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/session/console.h"
#include "device/event_loop.h"

namespace sw::cli {

class LocalTerminal {
 public:
  // Console and loop outlive the terminal. `ended` is called once, when the session closes or the input ends.
  LocalTerminal(Console& console, device::EventLoop& loop, std::function<void()> ended);
  ~LocalTerminal();
  LocalTerminal(const LocalTerminal&) = delete;
  LocalTerminal& operator=(const LocalTerminal&) = delete;

  void Start();
  // Ctrl+C arrives as SIGINT: the program's signal watch passes it on.
  void Interrupt();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::cli
