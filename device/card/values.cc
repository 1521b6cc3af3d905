#include "device/card/values.h"

#include "device/config/columns.h"

namespace sw::device {

Result<CardConfig> LoadCard(const configdb::Store& store) {
  CardConfig out;
  SW_TRY(EachRow(store, "encrypt_card_global", [&](const configdb::Row& row) {
    out.backup = row.IntOr("backuped", 0) != 0;
    out.fast_switch = row.IntOr("fast_switch", 0) != 0;
    out.traps = row.IntOr("traps", 0) != 0;
    out.shadow = static_cast<unsigned>(row.IntOr("shadow", 0));
  }));
  SW_TRY(
      EachRow(store, "encrypt_card", [&](const configdb::Row& row) { out.shut_down = row.IntOr("shutdown", 0) != 0; }));
  return out;
}

}  // namespace sw::device
