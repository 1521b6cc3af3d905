#include "cli/session/line_editor.h"

#include <algorithm>

#include "cli/grammar/line.h"

namespace sw::cli {

std::size_t WordLeft(std::string_view line, std::size_t cursor) {
  while (cursor > 0 && line[cursor - 1] == ' ') --cursor;
  while (cursor > 0 && line[cursor - 1] != ' ') --cursor;
  return cursor;
}

std::size_t WordRight(std::string_view line, std::size_t cursor) {
  while (cursor < line.size() && line[cursor] == ' ') ++cursor;
  while (cursor < line.size() && line[cursor] != ' ') ++cursor;
  return cursor;
}

void Overflow::Add(std::string_view bytes) {
  if (text_.size() < kMaxLine) {
    text_ += bytes;
  } else if (bytes != " ") {
    text_.back() = bytes.back();  // blanks alone would be cut off at the end
  }
}

Action InMode(Action action, Editor::Mode mode) {
  if (mode == Editor::Mode::kCommand) return action;
  const bool commands_only = action == Action::kHelp || action == Action::kComplete || action == Action::kReturn ||
                             IsHotkey(action) || action == Action::kOlder || action == Action::kNewer;
  return commands_only ? Action::kNone : action;
}

void LineEditor::Clear(Mode mode) {
  mode_ = mode;
  line_.clear();
  overflow_.Clear();
  cursor_ = 0;
  recalled_.reset();
  draft_.clear();
}

bool LineEditor::Insert(char byte) {
  if (line_.size() >= kMaxLine) {
    overflow_.Add({&byte, 1});
    return false;
  }
  line_.insert(cursor_++, 1, byte);
  return true;
}

bool LineEditor::Erase(std::size_t begin, std::size_t end) {
  overflow_.Clear();  // whoever erases looks at the line
  line_.erase(begin, end - begin);
  cursor_ = begin;
  return true;
}

bool LineEditor::Move(bool possible, std::size_t to) {
  if (possible) cursor_ = to;
  return possible;
}

void LineEditor::Replace(std::size_t begin, std::string_view text) {
  (void)Erase(begin, cursor_);
  for (const char byte : text) (void)Insert(byte);
}

bool LineEditor::Recall(std::size_t entry) {
  if (!recalled_) draft_ = line_;
  const bool draft = entry == history_.lines().size();
  recalled_ = draft ? std::nullopt : std::optional(entry);
  overflow_.Clear();
  line_ = draft ? draft_ : history_.lines()[entry];
  cursor_ = line_.size();
  return true;
}

Editor::Pressed LineEditor::Press(const Stroke& stroke) {
  const Action action = InMode(ActionOf(stroke.key), mode_);
  if (action == Action::kNone) {
    const bool inserted = Printable(stroke.key) && Insert(static_cast<char>(stroke.key));
    return {Action::kNone, !inserted};
  }
  if (IsTerminals(action)) return {action, false};
  return {Action::kNone, !Edit(action)};
}

bool LineEditor::Edit(Action action) {
  const std::size_t end = line_.size(), entries = history_.lines().size();
  switch (action) {
    case Action::kLeft:
      return Move(cursor_ > 0, cursor_ - 1);
    case Action::kRight:
      return Move(cursor_ < end, cursor_ + 1);
    case Action::kStart:
      return Move(true, 0);
    case Action::kEnd:
      return Move(true, end);
    case Action::kWordLeft:
      return Move(true, WordLeft(line_, cursor_));
    case Action::kWordRight:
      return Move(true, WordRight(line_, cursor_));
    case Action::kEraseLeft:
      return cursor_ > 0 && Erase(cursor_ - 1, cursor_);
    case Action::kEraseRight:
      return cursor_ < end && Erase(cursor_, cursor_ + 1);
    case Action::kEraseWordLeft:
      return Erase(WordLeft(line_, cursor_), cursor_);
    case Action::kEraseWordRight:
      return Erase(cursor_, WordRight(line_, cursor_));
    case Action::kEraseToStart:
      return Erase(0, cursor_);
    case Action::kEraseToEnd:
      return Erase(cursor_, end);
    case Action::kOlder:
      if (entries == 0 || recalled_.value_or(entries) == 0) return false;
      return Recall(std::min(recalled_.value_or(entries), entries) - 1);
    case Action::kNewer:
      return recalled_.has_value() && Recall(std::min(*recalled_ + 1, entries));
    default:
      return false;
  }
}

}  // namespace sw::cli
