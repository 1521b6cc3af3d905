// How the rows of a table become typed values: helpers for the `take` functions of subjects (device/config/subject.h).
#pragma once

#include <span>
#include <string>

#include "config-db/store.h"

namespace sw::device {

using Rows = std::span<const configdb::Row>;  // what stands at a key now; none: it is gone

inline std::string NameOf(const configdb::Key& key) {
  return configdb::TextOf(key.front());
}
inline int NumberOf(const configdb::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : static_cast<int>(*number);
}

// The object of this key as the row has it, or none.
template <typename Map, typename Make>
void TakeInto(Map& map, const typename Map::key_type& key, Rows rows, Make make) {
  if (rows.empty()) {
    map.erase(key);
  } else {
    map.insert_or_assign(key, make(rows.front()));
  }
}

}  // namespace sw::device
