// The configuration rows as typed values, composed of the subjects in device/config. Loading checks shape; validating
// checks what concerns several rows. Column names: config-db/<subject>/settings.cc; defaults stand beside the values.
#pragma once

#include <string>
#include <string_view>

#include "config-db/store.h"
#include "device/aaa/values.h"
#include "device/card/values.h"
#include "device/config/changes.h"
#include "device/dvpn/values.h"
#include "device/gre/values.h"
#include "device/interface/values.h"
#include "device/ipsec/values.h"
#include "device/route/values.h"
#include "device/snmp/values.h"
#include "device/system/values.h"
#include "hal/base/result.h"

namespace sw::device {

struct Config {
  std::string sysname;
  ClockConfig clock;
  InfoSettings info_center;
  InterfacesConfig interfaces;
  RoutesConfig routes;
  AaaConfig aaa;
  DvpnConfig dvpn;
  IpsecConfig ipsec;
  SnmpConfig snmp;
  CardConfig card;

  const InterfaceConfig* FindInterface(std::string_view name) const { return interfaces.Find(name); }
};

inline constexpr const char* kDefaultSysname = "SecBlade_VPN";  // as in the guide's examples (pages 386, 418)

Result<Config> LoadConfig(const configdb::Store& store);
// Brings `config` up to what stands in the store: of the great tables the changed rows only, of the others the subjects
// that read them. Doing it again after a rollback, with the same rows, gives the old configuration back.
Status UpdateConfig(const configdb::Store& store, const configdb::ChangedRows& changed, Config& config);
// Refuses what no device could run: one line that names the object and the reason. What did not change was valid.
Status ValidateConfig(const Config& config, const Changes& changes = Changes::All());

// The engine's settings of a tunnel of this configuration, or in words why it does not run.
Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel);

}  // namespace sw::device
