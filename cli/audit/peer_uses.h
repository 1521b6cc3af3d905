// Which peers of a running device still use what is weak by a profile, and when they did so last. Values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/audit/rule.h"

namespace sw::device {
class Device;
}

namespace sw::cli {

struct PeerUse {
  std::string peer;     // its name, or empty
  std::string address;  // private, of a DVPN peer
  std::string_view what;
  std::vector<std::string_view> weak = {};  // what the rules are about
  std::vector<std::string_view> rules = {};
  bool live = false;  // an SA, map or session with it is there
  bool used = false;  // it was used, `idle` seconds ago, when the clock showed `last`
  std::string last = {};
  std::int64_t idle = 0;
};

std::vector<PeerUse> WeakUses(device::Device& device, Profile profile);

}  // namespace sw::cli
