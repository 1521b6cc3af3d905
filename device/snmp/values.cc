#include "device/snmp/values.h"

#include "device/config/columns.h"

namespace sw::device {

Result<SnmpConfig> LoadSnmp(const configdb::Store& store) {
  SnmpConfig out;
  SW_TRY(EachRow(store, "snmp_global", [&](const configdb::Row& row) {
    out.agent = row.IntOr("agent", 0) != 0;
    out.map_trap = !row.Text("map_trap");
    out.session_trap = !row.Text("session_trap");
    out.mib_root = row.TextOr("mib_root", out.mib_root);
  }));
  return out;
}

}  // namespace sw::device
