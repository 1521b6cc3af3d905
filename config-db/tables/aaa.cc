// ISP domains and local users.
#include "config-db/tables/columns.h"
#include "config-db/tables/tables.h"

namespace sw::configdb {
namespace {

constexpr Column kLocalUser[] = {
    Text("name", 1, 80), Secret("password", kMaxCipherText), Word("password_form", kForms), Flag("service_dvpn"),
    Int("level", 0, 3),  Word("state", "active|block"),
};

constexpr Column kIspDomain[] = {Text("name", 1, 24)};

constexpr Table kTables[] = {
    {.name = "local_user", .keys = 1, .columns = kLocalUser, .order_by = "name"},
    {.name = "isp_domain",
     .keys = 1,
     .columns = kIspDomain,
     .order_by = "name <> 'system', name",
     .factory = "(name) VALUES ('system')"},
};

}  // namespace

std::span<const Table> AaaTables() {
  return kTables;
}

}  // namespace sw::configdb
