// What a commit changed, as those who follow the configuration ask about it: all of it (a device that starts), or rows.
#pragma once

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "config-db/store.h"

namespace sw::device {

class Changes {
 public:
  static Changes All() { return Changes(); }
  explicit Changes(const configdb::ChangedRows& rows) : rows_(&rows) {  // outlives this
    for (const configdb::ChangedRow& row : rows)
      if (std::ranges::find(tables_, row.table) == tables_.end()) tables_.push_back(row.table);
  }

  bool all() const { return rows_ == nullptr; }
  // Some row of a table whose name begins so.
  bool Touches(std::string_view tables) const {
    return all() || std::ranges::any_of(tables_, [&](std::string_view table) { return table.starts_with(tables); });
  }
  // The rows of one table; not to be asked when all() is true.
  std::set<configdb::Key> Of(std::string_view table) const {
    std::set<configdb::Key> out;
    if (std::ranges::find(tables_, table) == tables_.end()) return out;
    for (const configdb::ChangedRow& row : *rows_)
      if (row.table == table) out.insert(row.key);
    return out;
  }

 private:
  Changes() = default;
  const configdb::ChangedRows* rows_ = nullptr;
  std::vector<std::string_view> tables_;  // each once
};

}  // namespace sw::device
