// The SNMP subagent as configured. Notifications are on by default (DVPN MIB, MapTrapEnable and SessionTrapEnable).
#pragma once

#include <string>

#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::device {

struct SnmpConfig {
  bool agent = false;
  bool map_trap = true, session_trap = true;
  std::string mib_root = "3com";
};

Result<SnmpConfig> LoadSnmp(const configdb::Store& store);

}  // namespace sw::device
