// The SNMP subagent as configured. Notifications are on by default (DVPN MIB, MapTrapEnable and SessionTrapEnable).
#pragma once

#include <string>

#include "device/config/rows.h"

namespace sw::device {

struct SnmpConfig {
  bool agent = false;
  bool map_trap = true, session_trap = true;
  std::string mib_root = "3com";
};

void TakeSnmp(const configdb::Key&, Rows rows, SnmpConfig& config, bool& changed);

}  // namespace sw::device
