#include "device/card/values.h"

namespace sw::device {

void TakeCardGlobal(const configdb::Key&, Rows rows, CardConfig& config, bool& changed) {
  changed = true;
  static const configdb::Row kNone;
  const configdb::Row& row = rows.empty() ? kNone : rows.front();
  config.backup = row.IntOr("backuped", 0) != 0;
  config.fast_switch = row.IntOr("fast_switch", 0) != 0;
  config.traps = row.IntOr("traps", 0) != 0;
  config.shadow = static_cast<unsigned>(row.IntOr("shadow", 0));
}

void TakeCard(const configdb::Key&, Rows rows, CardConfig& config, bool& changed) {
  changed = true;
  config.shut_down = !rows.empty() && rows.front().IntOr("shutdown", 0) != 0;
}

}  // namespace sw::device
