// What a commit changed, as those who follow the configuration ask about it: all of it (a device that starts), or rows.
#pragma once

#include <set>
#include <string_view>

#include "config-db/store.h"

namespace sw::device {

class Changes {
 public:
  static Changes All() { return Changes(nullptr); }
  explicit Changes(const configdb::ChangedRows& rows) : Changes(&rows) {}  // outlives this

  bool all() const { return rows_ == nullptr; }
  // Some row of a table whose name begins so.
  bool Touches(std::string_view tables) const {
    if (all()) return true;
    const auto first = rows_->lower_bound(tables);
    return first != rows_->end() && first->first.starts_with(tables);
  }
  // The rows of one table; not to be asked when all() is true.
  const std::set<configdb::Key>& Of(std::string_view table) const {
    static const std::set<configdb::Key> kNone;
    const auto found = rows_->find(table);
    return found == rows_->end() ? kNone : found->second;
  }

 private:
  explicit Changes(const configdb::ChangedRows* rows) : rows_(rows) {}
  const configdb::ChangedRows* rows_;
};

}  // namespace sw::device
