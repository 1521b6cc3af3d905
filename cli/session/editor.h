// Edits one line: strokes in, a line and a cursor out. Knows neither prompt nor screen nor console.
//
// What a key does stands in one table (cli/session/keys.h) for both editors: the plain one of ours, and GNU readline's
// at the local console. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/session/keys.h"

namespace sw::cli {

// What was typed when a line had no room for more. Bounded: more than that is still more than a line takes.
class Overflow {
 public:
  void Add(std::string_view bytes);
  void Clear() { text_.clear(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Editor {
 public:
  enum class Mode : std::uint8_t { kCommand, kAnswer, kSecret };  // kSecret: nothing is shown
  struct Pressed {
    Action action = Action::kNone;  // one of the terminal's, left to the caller
    bool bell = false;              // there was nothing to do
  };

  virtual ~Editor() = default;
  virtual void Clear(Mode mode) = 0;  // a new line
  virtual Pressed Press(const Stroke& stroke) = 0;
  virtual void MoveToEnd() = 0;
  virtual void Replace(std::size_t begin, std::string_view text) = 0;  // what stands between `begin` and the cursor

  virtual std::string_view line() const = 0;
  virtual std::size_t cursor() const = 0;  // in bytes
  // The line with what had no room in it: so that a line that is too long is refused, and not run cut.
  virtual std::string typed() const = 0;
  virtual std::string label() const { return {}; }  // shown instead of the prompt for now; empty: the prompt

  virtual void set_history_size(std::size_t lines) = 0;
  virtual void Remember(const std::string& line, bool secret) = 0;  // secret: it must not outlive the session
  Mode mode() const { return mode_; }

 protected:
  Mode mode_ = Mode::kCommand;
};

// Where the word before and the one behind the cursor begin and end; words are what stands between blanks.
std::size_t WordLeft(std::string_view line, std::size_t cursor);
std::size_t WordRight(std::string_view line, std::size_t cursor);
// What an action is while a question is asked: no help, no hotkeys, no history. kNone: nothing.
Action InMode(Action action, Editor::Mode mode);

}  // namespace sw::cli
