#include "cli/session/line_editor.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/grammar/line.h"

namespace sw::cli {
namespace {

constexpr char kBell = '\a';

}  // namespace

void LineEditor::Clear(Mode mode) {
  mode_ = mode;
  line_.clear();
  cursor_ = shown_ = 0;
  recalled_.reset();
  draft_.clear();
}

void LineEditor::SetScreen(std::size_t width, std::size_t start) {
  width_ = width;
  start_ = start;
}

void LineEditor::Show(std::string_view text, std::string& out) {
  if (mode_ == Mode::kSecret || text.empty()) return;
  out += text;
  shown_ += text.size();
  if (width_ == 0 || (start_ + shown_) % width_ != 0) return;
  // Behind the last column a screen waits for one more character before it goes to the next row: what stands there.
  out += shown_ < line_.size() ? line_[shown_] : ' ';
  out += '\r';
}

void LineEditor::Back(std::size_t columns, std::string& out) {
  if (mode_ == Mode::kSecret || columns == 0) return;
  const std::size_t from = start_ + shown_, to = from - columns;
  shown_ -= columns;
  if (width_ == 0 || from / width_ == to / width_) {
    out.append(columns, '\b');
    return;
  }
  out += fmt::format("\r\x1b[{}A", from / width_ - to / width_);
  if (to % width_ != 0) out += fmt::format("\x1b[{}C", to % width_);
}

void LineEditor::Redraw(std::string& out) {
  shown_ = 0;
  Show(line_, out);
  Back(line_.size() - cursor_, out);
}

void LineEditor::MoveTo(std::size_t position, std::string& out) {
  if (position < cursor_) {
    Back(cursor_ - position, out);
  } else {
    Show(std::string_view(line_).substr(cursor_, position - cursor_), out);
  }
  cursor_ = position;
}

void LineEditor::MoveToEnd(std::string& out) {
  MoveTo(line_.size(), out);
}

void LineEditor::Insert(char byte, std::string& out) {
  if (line_.size() >= kMaxLine) {
    out += kBell;
    return;
  }
  line_.insert(cursor_, 1, byte);
  Show(std::string_view(line_).substr(cursor_), out);
  ++cursor_;
  Back(line_.size() - cursor_, out);
}

void LineEditor::Erase(std::size_t begin, std::size_t end, std::string& out) {
  MoveTo(begin, out);
  line_.erase(begin, end - begin);
  Show(std::string_view(line_).substr(begin), out);
  Show(std::string(end - begin, ' '), out);
  Back(line_.size() - begin + (end - begin), out);
}

void LineEditor::Replace(std::size_t begin, std::string_view text, std::string& out) {
  Erase(begin, cursor_, out);
  for (char byte : text) Insert(byte, out);
}

std::size_t LineEditor::WordLeft() const {
  std::size_t at = cursor_;
  while (at > 0 && line_[at - 1] == ' ') --at;
  while (at > 0 && line_[at - 1] != ' ') --at;
  return at;
}

std::size_t LineEditor::WordRight() const {
  std::size_t at = cursor_;
  while (at < line_.size() && line_[at] == ' ') ++at;
  while (at < line_.size() && line_[at] != ' ') ++at;
  return at;
}

void LineEditor::Recall(std::size_t entry, std::string& out) {
  if (!recalled_) draft_ = line_;
  const bool draft = entry == history_.lines().size();
  recalled_ = draft ? std::nullopt : std::optional(entry);
  const std::string& text = draft ? draft_ : history_.lines()[entry];
  const std::size_t before = line_.size();
  MoveTo(0, out);
  line_ = text;
  cursor_ = line_.size();
  Show(line_, out);
  if (before > line_.size()) {
    Show(std::string(before - line_.size(), ' '), out);
    Back(before - line_.size(), out);
  }
}

bool LineEditor::Press(Key key, std::string& out) {
  if (Printable(key)) {
    Insert(static_cast<char>(key), out);
    return true;
  }
  const std::size_t end = line_.size();
  const std::size_t entries = mode_ == Mode::kCommand ? history_.lines().size() : 0;
  auto bell_unless = [&out](bool possible) {
    if (!possible) out += kBell;
    return possible;
  };
  switch (key) {
    case Key::kLeft:
    case Key::kControlB:
      if (bell_unless(cursor_ > 0)) MoveTo(cursor_ - 1, out);
      return true;
    case Key::kRight:
    case Key::kControlF:
      if (bell_unless(cursor_ < end)) MoveTo(cursor_ + 1, out);
      return true;
    case Key::kHome:
    case Key::kControlA:
      MoveTo(0, out);
      return true;
    case Key::kEnd:
    case Key::kControlE:
      MoveTo(end, out);
      return true;
    case Key::kBackspace:
      if (bell_unless(cursor_ > 0)) Erase(cursor_ - 1, cursor_, out);
      return true;
    case Key::kDelete:
    case Key::kControlD:
      if (bell_unless(cursor_ < end)) Erase(cursor_, cursor_ + 1, out);
      return true;
    case Key::kControlW:
      Erase(WordLeft(), cursor_, out);
      return true;
    case Key::kWordDelete:
      Erase(cursor_, WordRight(), out);
      return true;
    case Key::kControlX:
      Erase(0, cursor_, out);
      return true;
    case Key::kControlY:
      Erase(cursor_, end, out);
      return true;
    case Key::kWordLeft:
      MoveTo(WordLeft(), out);
      return true;
    case Key::kWordRight:
      MoveTo(WordRight(), out);
      return true;
    case Key::kUp:
    case Key::kControlP:
      if (bell_unless(recalled_.value_or(entries) > 0 && entries > 0)) {
        Recall(std::min(recalled_.value_or(entries), entries) - 1, out);
      }
      return true;
    case Key::kDown:
    case Key::kControlN:
      if (bell_unless(recalled_.has_value())) Recall(std::min(*recalled_ + 1, entries), out);
      return true;
    default:
      return false;
  }
}

}  // namespace sw::cli
