// What belongs to a refused line and must not be run: the lines of a view that was never entered, which would act on
// the object before it, and the text of a value over several lines, which would be run as commands.
//
// What belongs to a line: lines indented deeper than it; in a script also lines at its own depth that are commands of
// the view it leads to; and the `quit` behind them. A mark (#), or a line of system view, ends it. Text: all lines up
// to and with the one that ends it. A person at a terminal indents nothing, so there the depth alone counts; and who
// has read that `send` was refused types no message, so there lines belong to one only if they follow in haste, as
// pasted ones do.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"

namespace sw::cli {

class RefusedBlock {
 public:
  // The grammar outlives the block. `typed`: a person types the lines.
  RefusedBlock(const Grammar& grammar, bool typed) : grammar_(grammar), typed_(typed) {}

  // `line` was refused in `view`. True: it leads to another view, so whatever follows is not for the object in `view`.
  bool Refused(View view, std::string_view line);
  void End() { state_ = {}; }  // a line was taken, or the user went elsewhere
  // Whether `line` belongs to what was refused; then why it is not run. `in_haste`: nobody can have read the refusal.
  std::optional<std::string> Skip(std::string_view line, bool in_haste);

 private:
  bool IsCommandOf(Views views, std::string_view line) const;

  const Grammar& grammar_;
  bool typed_;
  struct State {
    std::optional<std::string> head;  // the refused line, secrets masked; nullopt: nothing is refused
    std::size_t depth = 0;            // blanks in front of it
    Views views = 0;                  // it would have led to one of these
    bool leads = false;               // it leads to a view, be it one that this device does not have
    bool below = false;               // lines below it were seen
    std::string text_end = {};        // its text goes on until this comes; empty: it has none
    bool whole_line = false;          // and is a line of its own
  };
  State state_;
};

}  // namespace sw::cli
