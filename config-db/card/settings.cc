// The encryption card.
#include "config-db/columns.h"
#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

constexpr std::string_view kOrigin = kRecollection;

constexpr Column kGlobal[] = {
    Int("id", 1, 1), Flag("backuped", {.preset_words = "off"}), Flag("fast_switch", {.preset_words = "off"}),
    Int("shadow", 1, 100, {.preset_words = "none", .unit = "percent of the packets", .origin = kOurs}),
    Flag("traps", {.preset_words = "off"})};
constexpr Column kCard[] = {Word("slot", "1/0"), Flag("shutdown")};

constexpr Table kTables[] = {
    {.name = "encrypt_card_global",
     .keys = 1,
     .columns = kGlobal,
     .order_by = "id",
     .factory = "(id) VALUES (1)",
     .origin = kOrigin},
    {.name = "encrypt_card", .keys = 1, .columns = kCard, .order_by = "slot", .origin = kOrigin},
};

}  // namespace

std::span<const Table> CardTables() {
  return kTables;
}

}  // namespace sw::configdb
