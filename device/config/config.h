// The configuration rows as typed values, composed of those of the subjects (device/<subject>/values.h). Loading checks
// shape; validating checks what concerns several rows. Column names: config-db/<subject>/settings.cc; defaults stand
// beside the values.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "config-db/store.h"
#include "device/aaa/values.h"
#include "device/acl/values.h"
#include "device/card/values.h"
#include "device/config/references.h"
#include "device/dvpn/values.h"
#include "device/gre/values.h"
#include "device/ike/values.h"
#include "device/interface/values.h"
#include "device/ipsec/values.h"
#include "device/route/values.h"
#include "device/snmp/values.h"
#include "device/system/values.h"
#include "hal/base/result.h"

namespace sw::device {

struct Config {
  SystemConfig system;
  InterfacesConfig interfaces;
  RoutesConfig routes;
  AaaConfig aaa;
  DvpnConfig dvpn;
  IkeConfig ike;
  IpsecConfig ipsec;
  SnmpConfig snmp;
  CardConfig card;
  References references;

  const InterfaceConfig* FindInterface(std::string_view name) const { return interfaces.Find(name); }
};

// What changed, as the subjects say it: keys of rows that are new, other or gone. A device that starts has a delta of
// all there is.
struct Delta {
  std::set<configdb::ChangedRow> rows;
  SystemDelta system;
  InterfaceDelta interfaces;
  RouteDelta routes;
  AaaDelta aaa;
  AclDelta acl;
  DvpnDelta dvpn;
  IkeDelta ike;
  IpsecDelta ipsec;
  bool snmp = false, card = false;
};

struct LoadedConfig {
  Config config;
  Delta delta;  // all of it
};
Result<LoadedConfig> LoadConfig(const configdb::Store& store);
// Brings `config` up to what stands in the store in these rows. Doing it again after a rollback, with the same rows,
// gives the old configuration back. The work is that of the rows, however much is configured.
Result<Delta> UpdateConfig(const configdb::Store& store, const configdb::ChangedRows& changed, Config& config);
// Refuses what no device could run: one line that names the object and the reason.
Status ValidateConfig(const Config& config, const Delta& delta);

// The engine's settings of a tunnel of this configuration, or in words why it does not run.
Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel);

}  // namespace sw::device
