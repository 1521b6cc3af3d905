// The encryption card as configured.
#pragma once

#include "device/config/rows.h"

namespace sw::device {

struct CardConfig {
  bool backup = false;       // encrypt-card backuped: software takes over; off by default (recollection)
  bool fast_switch = false;  // encrypt-card fast-switch: flows keep their policy; off by default (recollection)
  bool traps = false;        // snmp-agent trap enable encrypt-card; that it is off by default is our choice
  unsigned shadow = 0;       // percent of the packets that software computes too; our own
  bool shut_down = false;    // interface encrypt 1/0, shutdown
  friend bool operator==(const CardConfig&, const CardConfig&) = default;
};

void TakeCardGlobal(const configdb::Key&, Rows rows, CardConfig& config, bool& changed);
void TakeCard(const configdb::Key&, Rows rows, CardConfig& config, bool& changed);  // there is one

}  // namespace sw::device
