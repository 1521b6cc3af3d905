#include "device/config/aaa.h"

#include "device/config/columns.h"

namespace sw::device {
namespace {

LocalUser UserOf(const configdb::Row& row) {
  return {row.TextOr("name", ""), SecretOf(row, "password", "password_form"), row.IntOr("service_dvpn", 0) != 0,
          row.TextOr("state", "active") == "active", IntOf(row, "level", 0)};
}

}  // namespace

Result<AaaConfig> LoadAaa(const configdb::Store& store) {
  AaaConfig out;
  SW_TRY(EachRow(store, "local_user",
                 [&](const configdb::Row& row) { out.users.emplace(row.TextOr("name", ""), UserOf(row)); }));
  SW_TRY(
      EachRow(store, "isp_domain", [&](const configdb::Row& row) { out.domains.push_back(row.TextOr("name", "")); }));
  return out;
}

}  // namespace sw::device
