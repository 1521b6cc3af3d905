// The plain editor: what SSH sessions type with. A line has the length of a command and no more. Keys: Comware V7 CLI
// guide and the V3 manuals' key tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/session/editor.h"
#include "cli/session/history.h"

namespace sw::cli {

class LineEditor final : public Editor {
 public:
  void Clear(Mode mode) override;
  Pressed Press(const Stroke& stroke) override;
  void MoveToEnd() override { cursor_ = line_.size(); }
  void Replace(std::size_t begin, std::string_view text) override;
  std::string_view line() const override { return line_; }
  std::size_t cursor() const override { return cursor_; }
  std::string typed() const override { return line_ + overflow_.text(); }
  void set_history_size(std::size_t lines) override { history_.set_size(lines); }
  void Remember(const std::string& line, bool) override { history_.Add(line); }

 private:
  bool Insert(char byte);  // false: there is no room
  bool Erase(std::size_t begin, std::size_t end);
  bool Move(bool possible, std::size_t to);
  bool Recall(std::size_t entry);
  bool Edit(Action action);  // false: there is nothing to do

  History history_;
  std::string line_;
  Overflow overflow_;
  std::size_t cursor_ = 0;
  std::optional<std::size_t> recalled_;  // the history entry that is shown
  std::string draft_;                    // what was typed before an entry was shown
};

}  // namespace sw::cli
