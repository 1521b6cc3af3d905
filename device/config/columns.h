// Columns as the types that settings have.
#pragma once

#include "config-db/store.h"
#include "hal/base/address.h"

namespace sw::device {

inline Ipv4 AddressOf(const configdb::Row& row, std::string_view column) {
  return Ipv4::Parse(row.TextOr(column, "")).value_or(Ipv4());
}
inline int IntOf(const configdb::Row& row, std::string_view column, int preset) {
  return static_cast<int>(row.IntOr(column, preset));
}

// Calls `visit` with each row of a table; the reason when the table cannot be read.
template <typename Visit>
Status EachRow(const configdb::Store& store, std::string_view table, Visit visit) {
  const Result<std::vector<configdb::Row>> rows = store.Rows(table);
  if (!rows.ok()) return rows.status();
  for (const configdb::Row& row : *rows) visit(row);
  return {};
}

}  // namespace sw::device
