// Who refers to whom: of every row the objects that it names, by the columns that say which table their name belongs
// to (configdb::Column::refers_to). Follows the rows one by one; each question costs the logarithm of what there is.
// The one place that refuses a name of what does not exist, and the removal of what is in use.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "hal/base/result.h"

namespace sw::device {

class References {
 public:
  // What stands in this row now; null: it is gone.
  void Take(const configdb::Table& table, const configdb::Key& key, const configdb::Row* row);
  // Refuses the row when it names what does not exist, and its removal while others name it, as far as the object is
  // one that must exist (see the table of texts). kNotFound, kInUse.
  Status Check(const configdb::Table& table, const configdb::Key& key) const;
  // Calls `visit` with the key of each row of table `user` that names `name` of `table`. Ends the program when no
  // column of the schema says so: a mistyped table is no empty answer.
  template <typename Visit>
  void EachUser(std::string_view table, const std::string& name, std::string_view user, Visit visit) const {
    MustRefer(user, table);
    for (auto at = users_.lower_bound({{table, name}, {}});
         at != users_.end() && at->first.first == table && at->first.second == name; ++at)
      if (at->second.first == user) visit(at->second.second);
  }

 private:
  static void MustRefer(std::string_view user, std::string_view table);

  using Object = std::pair<std::string_view, std::string>;  // table, first column of its key as text
  using User = std::pair<std::string_view, configdb::Key>;  // table, key
  std::set<std::pair<Object, User>> users_;
  std::map<User, std::vector<Object>> names_;          // the other way round
  std::map<Object, std::set<configdb::Key>> objects_;  // that can be named: the rows that are there
};

}  // namespace sw::device
