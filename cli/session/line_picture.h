// What of a line stands on the screen, and the bytes that bring it up to date. A character typed at the end is sent as
// it is, nothing is drawn that need not be, and the width is taken as unlimited unless it is told: automation clients
// wait for their own bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sw::cli {

class LinePicture {
 public:
  // Nothing of the line is shown yet; it begins in column `start` of a screen of `width` columns (0: unlimited).
  void Begin(std::size_t width, std::size_t start, bool hidden);
  void Update(std::string_view line, std::size_t cursor, std::string& out);

 private:
  void Show(std::string_view text, std::string& out);
  void MoveTo(std::size_t position, std::string& out);
  void Back(std::size_t columns, std::string& out);

  std::string text_;
  std::size_t at_ = 0;  // where the screen's cursor stands, from the start of the line
  std::size_t width_ = 0, start_ = 0;
  bool hidden_ = false;
};

}  // namespace sw::cli
