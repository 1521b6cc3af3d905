// The encryption card. Commands behind the columns: recollection of the family, none was found in any source.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr Column kGlobal[] = {Int("id", 1, 1), Flag("backuped"), Flag("fast_switch"), Int("shadow", 1, 100),
                              Flag("traps")};
constexpr Column kCard[] = {Word("slot", "1/0"), Flag("shutdown")};

constexpr Table kTables[] = {
    {.name = "encrypt_card_global", .keys = 1, .columns = kGlobal, .order_by = "id", .factory = "(id) VALUES (1)"},
    {.name = "encrypt_card", .keys = 1, .columns = kCard, .order_by = "slot"},
};

}  // namespace

std::span<const Table> CardTables() {
  return kTables;
}

}  // namespace sw::configdb
