// The lines a session remembers, exactly as typed, the oldest first.
//
// Default of 10 lines and the rule that a line repeated at once is kept once: Comware V7 CLI guide; the default for V3
// is recollection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "config-db/schema.h"

namespace sw::cli {

class History {
 public:
  void set_size(std::size_t size) {
    size_ = size;
    Trim();
  }
  void Add(std::string_view line) {
    if (!lines_.empty() && lines_.back() == line) return;
    lines_.emplace_back(line);
    Trim();
  }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  void Trim() {
    if (lines_.size() > size_) lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(size_));
  }
  std::deque<std::string> lines_;
  std::size_t size_ = configdb::Preset<std::size_t>("user_interface", "history_size");
};

}  // namespace sw::cli
