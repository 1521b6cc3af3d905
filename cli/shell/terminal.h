// The local terminal, edited by GNU readline: the keys and the screen of this program's own tty in front of a Console,
// driven by the event loop, so that prompt, output and debugging lines share one thread. Owns the tty's mode from Start
// to its end.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/session/console.h"
#include "device/event_loop.h"

namespace sw::cli {

class LocalTerminal {
 public:
  struct Tty {
    int in = STDIN_FILENO, out = STDOUT_FILENO;  // stay the caller's
    std::string history_file = {};               // where lines are kept for the next time; empty: nowhere
  };
  // Console, loop and timers outlive the terminal; the loop tells of keys, the timers are those of its thread. `ended`
  // is called once, when the session closes or the input ends; after an idle time, when a key is pressed.
  LocalTerminal(Console& console, device::EventLoop& loop, Scheduler& timers, std::function<void()> ended, Tty tty);
  ~LocalTerminal();
  LocalTerminal(const LocalTerminal&) = delete;
  LocalTerminal& operator=(const LocalTerminal&) = delete;

  void Start();
  void Interrupt();  // as if Ctrl+C were typed; the key itself is no signal while the terminal is there

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::cli
