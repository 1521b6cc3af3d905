// What a terminal's bytes look like: rows of text and a cursor. Knows what the product sends and no more; an escape
// sequence beyond that shows as text, so a test sees it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sw::cli {

class TerminalScreen {
 public:
  explicit TerminalScreen(std::size_t columns) : columns_(columns) {}  // 0: unlimited

  void Show(std::string_view bytes) {
    for (const char byte : bytes) Byte(byte);
  }
  // From this row to the cursor's, blanks at the ends of rows removed; where the cursor is not behind the last
  // character of its row, ^ stands for it in a row below.
  std::string From(std::size_t row) const {
    std::string out;
    for (std::size_t at = row; at < rows_.size(); ++at) out += Trimmed(at) + "\n";
    if (column_ != Trimmed(row_).size()) out += std::string(column_, ' ') + "^ cursor\n";
    return out;
  }
  std::size_t row() const { return row_; }
  std::string Line() const { return Trimmed(row_); }  // the cursor's row
  int TakeBells() { return std::exchange(bells_, 0); }

 private:
  std::string Trimmed(std::size_t row) const { return rows_[row].substr(0, rows_[row].find_last_not_of(' ') + 1); }

  void Byte(char byte) {
    if (!escape_.empty()) return Escape(byte);
    switch (byte) {
      case '\x1b':
        escape_ = byte;
        return;
      case '\a':
        ++bells_;
        return;
      case '\r':
        column_ = 0;
        return;
      case '\n':
        return Down();
      case '\b':
        if (column_ > 0) --column_;
        return;
      default:
        Put(byte);
    }
  }
  void Put(char byte) {
    if (columns_ != 0 && column_ == columns_) {
      column_ = 0;
      Down();
    }
    std::string& row = rows_[row_];
    if (row.size() <= column_) row.resize(column_ + 1, ' ');
    row[column_++] = byte;
  }
  void Down() {
    if (++row_ == rows_.size()) rows_.emplace_back();
  }
  void Escape(char byte) {
    escape_ += byte;
    const bool number = byte >= '0' && byte <= '9';
    if (escape_.size() == 2 ? byte == '[' : number) return;
    const std::size_t count = escape_.size() > 3 ? std::stoul(escape_.substr(2)) : 1;
    const std::string seen = std::exchange(escape_, {});
    if (byte == 'D') {
      column_ -= std::min(count, column_);
    } else if (byte == 'C') {
      column_ += count;
    } else if (byte == 'A') {
      row_ -= std::min(count, row_);
    } else {
      for (const char each : "{" + seen.substr(1) + "}") Put(each);
    }
  }

  std::size_t columns_;
  std::vector<std::string> rows_{1};
  std::size_t row_ = 0, column_ = 0;
  std::string escape_;
  int bells_ = 0;
};

}  // namespace sw::cli
