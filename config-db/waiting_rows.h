// Rows of one table that a scratch holds before SQLite gets them. What was touched last is found at once: most lines of
// a script go on with the object of the line before, or make the next one.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "config-db/store.h"

namespace sw::configdb {

class WaitingRows {
 public:
  using Values = std::vector<Value>;  // those behind the key, up to the last that was ever set

  WaitingRows() = default;
  WaitingRows(const WaitingRows&) = delete;
  WaitingRows& operator=(const WaitingRows&) = delete;

  Values* Find(const Key& key) {  // null: no such row
    if (last_ == rows_.end() || last_->first != key) {
      const auto found = rows_.find(key);
      if (found == rows_.end()) return nullptr;
      last_ = found;
    }
    return &last_->second;
  }
  // False: there is such a row.
  bool Add(const Key& key, Values behind_key) {
    const std::size_t before = rows_.size();
    last_ = rows_.try_emplace(last_ == rows_.end() ? last_ : std::next(last_), key, std::move(behind_key));
    return rows_.size() != before;
  }
  void Remove(const Key& key) {
    last_ = rows_.end();
    rows_.erase(key);
  }
  const std::map<Key, Values>& rows() const { return rows_; }

 private:
  std::map<Key, Values> rows_;
  std::map<Key, Values>::iterator last_ = rows_.end();
};

}  // namespace sw::configdb
