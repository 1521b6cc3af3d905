// Edits one line: keys in, bytes for the screen out. Knows neither prompt nor console.
//
// A typed character is echoed as it is, nothing is redrawn that need not be, and the width of the screen is taken as
// unlimited unless the owner says it: automation clients wait for their own bytes. Keys: Comware V7 CLI guide and the
// V3 manuals' key tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/session/history.h"
#include "cli/session/keys.h"

namespace sw::cli {

class LineEditor {
 public:
  // What the owner adds the lines to; outlives the editor.
  explicit LineEditor(const History& history) : history_(history) {}

  enum class Mode : std::uint8_t { kCommand, kAnswer, kSecret };  // kSecret: nothing is shown
  void Clear(Mode mode);
  // The screen has `width` columns (0: unlimited) and the line begins in its column `start`; for what is shown next.
  void SetScreen(std::size_t width, std::size_t start);

  // Changes the line and appends what the screen needs to `out`. False: the key is not the editor's.
  bool Press(Key key, std::string& out);
  // The line from its start, for a screen on which it is not, with the cursor where it belongs.
  void Redraw(std::string& out);
  void MoveToEnd(std::string& out);
  // Replaces what stands between `begin` and the cursor.
  void Replace(std::size_t begin, std::string_view text, std::string& out);

  const std::string& line() const { return line_; }
  std::string_view before_cursor() const { return std::string_view(line_).substr(0, cursor_); }
  Mode mode() const { return mode_; }

 private:
  void Insert(char byte, std::string& out);
  void Erase(std::size_t begin, std::size_t end, std::string& out);  // and the cursor is at `begin`
  void MoveTo(std::size_t position, std::string& out);
  void Recall(std::size_t entry, std::string& out);
  std::size_t WordLeft() const;
  std::size_t WordRight() const;
  void Show(std::string_view text, std::string& out);
  void Back(std::size_t columns, std::string& out);

  const History& history_;
  Mode mode_ = Mode::kCommand;
  std::string line_;
  std::size_t cursor_ = 0;
  std::size_t width_ = 0, start_ = 0;
  std::size_t shown_ = 0;                // where the screen's cursor stands, from the start of the line
  std::optional<std::size_t> recalled_;  // the history entry that is shown
  std::string draft_;                    // what was typed before an entry was shown
};

}  // namespace sw::cli
