#include "cli/session/line_picture.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {

void LinePicture::Begin(std::size_t width, std::size_t start, bool hidden) {
  text_.clear();
  at_ = 0;
  width_ = width;
  start_ = start;
  hidden_ = hidden;
}

void LinePicture::Update(std::string_view line, std::size_t cursor, std::string& out) {
  if (hidden_) return;
  // A byte that would steer the screen stands there as a question mark.
  std::string wanted(line);
  std::ranges::replace_if(
      wanted, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(text_, wanted).in1 - text_.begin());
  if (same != text_.size() || same != wanted.size()) {
    MoveTo(same, out);
    const std::size_t before = text_.size();
    text_ = std::move(wanted);
    Show(std::string_view(text_).substr(same), out);
    if (before > text_.size()) Show(std::string(before - text_.size(), ' '), out);
  }
  MoveTo(cursor, out);
}

void LinePicture::Show(std::string_view text, std::string& out) {
  if (text.empty()) return;
  out += text;
  at_ += text.size();
  if (width_ == 0 || (start_ + at_) % width_ != 0) return;
  // Behind the last column a screen waits for one more character before it goes to the next row: what stands there.
  out += at_ < text_.size() ? text_[at_] : ' ';
  out += '\r';
}

void LinePicture::MoveTo(std::size_t position, std::string& out) {
  if (position < at_) return Back(at_ - position, out);
  Show(std::string(std::string_view(text_).substr(at_, position - at_)), out);
}

void LinePicture::Back(std::size_t columns, std::string& out) {
  const std::size_t from = start_ + at_, to = from - columns;
  at_ -= columns;
  if (width_ == 0 || from / width_ == to / width_) {
    out.append(columns, '\b');
    return;
  }
  out += fmt::format("\r\x1b[{}A", from / width_ - to / width_);
  if (to % width_ != 0) out += fmt::format("\x1b[{}C", to % width_);
}

}  // namespace sw::cli
