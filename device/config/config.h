// The configuration rows as typed values, composed of the subjects in device/config. Loading checks shape; validating
// checks what concerns several rows. Column names: config-db/tables; defaults stand beside the values.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config-db/store.h"
#include "device/config/aaa.h"
#include "device/config/dvpn.h"
#include "device/config/interface.h"
#include "device/config/ipsec.h"
#include "device/config/route.h"
#include "hal/base/result.h"

namespace sw::device {

struct Config {
  std::string sysname;
  InterfacesConfig interfaces;
  std::vector<StaticRoute> routes;
  AaaConfig aaa;
  DvpnConfig dvpn;
  IpsecConfig ipsec;

  const InterfaceConfig* FindInterface(std::string_view name) const { return interfaces.Find(name); }
};

inline constexpr const char* kDefaultSysname = "SecBlade_VPN";  // as in the guide's examples (pages 386, 418)

Result<Config> LoadConfig(const configdb::Store& store);
// Loads again only the subjects that read one of the tables `changed`; the rest of `config` stays.
Status ReloadConfig(const configdb::Store& store, const std::set<std::string, std::less<>>& changed, Config& config);
// Refuses what no device could run: one line that names the object and the reason.
Status ValidateConfig(const Config& config);

// The engine's settings of a tunnel of this configuration, or in words why it does not run.
Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel);

}  // namespace sw::device
