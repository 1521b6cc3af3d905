// Splits output into screens. Knows nothing of a terminal: text and keys in, text out.
//
// Prompt and erase sequence: patterns of public management tools for this generation (16 columns).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sw::cli {

class Pager {
 public:
  static constexpr std::string_view kMore = "  ---- More ----";

  // Lines per page; 0: no paging.
  explicit Pager(std::size_t lines) : lines_(lines) {}
  void set_lines(std::size_t lines) { lines_ = lines; }

  // What may go to the screen now; the rest waits behind the More prompt.
  std::string Feed(std::string_view text);
  // A key at the More prompt: space a page, Enter a line, anything else drops the rest and what still comes.
  std::string Key(char key);
  bool waiting() const { return waiting_; }
  // Before the next command: the count begins anew.
  void Reset();

 private:
  std::string Release(std::size_t lines);
  std::size_t lines_;
  std::size_t shown_ = 0;  // lines of this page
  std::string held_;
  bool waiting_ = false, dropping_ = false;
};

}  // namespace sw::cli
