// What DVPN is and has counted, of one domain or of the whole device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "device/dvpn/values.h"
#include "dvpn/models.h"

namespace sw::device {

struct DvpnInfo {
  bool service = false;
  bool client = false, server = false;  // device role: none, client, server or both
  std::string device_id;
  std::size_t classes = 0, clients = 0, domains = 0, maps = 0, sessions = 0;
  DvpnGlobalConfig global;
  dvpn::Counters counters;
  struct NamedCount {
    std::string reason;
    std::uint64_t count;
  };
  std::vector<NamedCount> drops;
};

}  // namespace sw::device
