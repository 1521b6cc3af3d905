// Local users and ISP domains as configured.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config-db/store.h"
#include "device/config/secret.h"
#include "hal/base/result.h"

namespace sw::device {

struct LocalUser {
  std::string name;
  Secret password;
  bool dvpn = false;   // service-type dvpn
  bool active = true;  // state
  int level = 0;
};

struct AaaConfig {
  std::map<std::string, LocalUser> users;
  std::vector<std::string> domains;
};

Result<AaaConfig> LoadAaa(const configdb::Store& store);

}  // namespace sw::device
