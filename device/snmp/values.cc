#include "device/snmp/values.h"

namespace sw::device {

void TakeSnmp(const configdb::Key&, Rows rows, SnmpConfig& config, bool& changed) {
  changed = true;
  config = {};
  if (rows.empty()) return;
  const configdb::Row& row = rows.front();
  config.agent = row.IntOr("agent", 0) != 0;
  config.map_trap = !row.Text("map_trap");
  config.session_trap = !row.Text("session_trap");
  config.mib_root = row.TextOr("mib_root", config.mib_root);
}

}  // namespace sw::device
