// What a front end (terminal, pipe, script, later a socket or SSH) asks of a session, and what it is told.
//
// Implemented by cli/session/session.h for a device in this process and by a socket client for one elsewhere: so
// every question may be answered at once, inside the call, or later on the same thread. One line runs at a time: after
// Execute or a Control that is answered, wait for OnReady. Nothing here blocks or throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sw::cli {

// How a line ended.
enum class Outcome : std::uint8_t {
  kAccepted,   // done; it is no configuration (display, quit, an empty line ...)
  kChanged,    // the configuration is another one now
  kUnchanged,  // it was so already
  kRefused,    // nothing was done; the output says why
  kSkipped,    // not looked at: it belongs to a line that was refused; the output says to which
};

inline constexpr Outcome kLastOutcome = Outcome::kSkipped;

// The console waits for the next line.
struct Ready {
  std::string prompt;     // complete; a question ("... [Y/N]:") when `question`
  bool question = false;  // the next line answers it and is no command: no history, no help
  bool secret = false;    // the answer must not be shown
  bool text = false;      // a question that the next line answers as it is: a line of a value over several lines
  bool closed = false;    // the session has ended; nothing more may be asked
  Outcome outcome = Outcome::kAccepted;
  std::string reason;     // kRefused, kSkipped: one line, as shown, without the leading " % "
  int column = -1;        // kRefused by the parser: of the offending token in the line, from 0
  std::string masked;     // the line that ended with its secrets as *, of the same length; empty: it holds none
  bool remember = false;  // the line that ended belongs into the history
  std::uint16_t history_size = 10;
  std::uint16_t page_lines = 24;   // of the next command's output; 0: no paging
  std::uint32_t idle_seconds = 0;  // without a key for so long: Control::kHangUp; 0: never
};

class ConsoleListener {
 public:
  virtual ~ConsoleListener() = default;
  virtual void OnOutput(std::string_view text) = 0;  // of the running line; lines end in \n
  virtual void OnNotice(std::string_view text) = 0;  // log and debugging: whole lines, at any time
  // Exactly once per Execute and per answered Control; and once more, closed, when the session is ended from elsewhere.
  virtual void OnReady(const Ready& ready) = 0;
};

struct Completion {
  std::size_t begin = 0;           // where the token to replace starts in the text
  std::vector<std::string> words;  // canonical spelling; empty: nothing fits
};

enum class Control : std::uint8_t {
  kCancel,    // Ctrl+C: ends what runs, or a question (its OnReady follows); otherwise ignored, not answered
  kReturn,    // Ctrl+Z: to user view, from anywhere; answered
  kBegin,     // the lines that follow are one change of the configuration ...
  kCommit,    // ... kept as a whole,
  kRollback,  // ... or left as if they had never been typed; all three answered
  kHotkeyG,   // runs the command behind the hotkey, shown as if it had been typed; all five answered
  kHotkeyL,
  kHotkeyO,
  kHotkeyT,
  kHotkeyU,
  kHangUp,  // the line is gone or has been idle: the session closes, whatever it does; answered
};
inline constexpr Control kLastControl = Control::kHangUp;

class Console {
 public:
  virtual ~Console() = default;
  virtual void Listen(ConsoleListener* listener) = 0;  // one; null: nobody. Outlives the console or is taken off
  virtual const Ready& ready() const = 0;              // the latest; tells the first prompt
  virtual void Execute(std::string_view line) = 0;
  virtual void Send(Control control) = 0;
  // `?` behind `text`: what to print, lines ending in \n.
  virtual void Help(std::string_view text, std::function<void(std::string)> answer) = 0;
  virtual void Complete(std::string_view text, std::function<void(Completion)> answer) = 0;
};

}  // namespace sw::cli
