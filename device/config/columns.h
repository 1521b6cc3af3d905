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

}  // namespace sw::device
