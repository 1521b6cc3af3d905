// An interface as it is shown: what is configured beside what the platform and its tunnel say.
#pragma once

#include <optional>
#include <string>

#include "device/gre/gre_tunnel.h"
#include "device/interface/values.h"
#include "device/platform.h"

namespace sw::device {

// One line of `display interface`: what is configured beside what the platform says.
struct InterfaceView {
  InterfaceConfig config;
  InterfaceStatus status;
  bool protocol_up = false;    // DVPN tunnel: the engine runs; GRE tunnel: see `gre`; others: link and address
  std::string protocol_note;   // why it is down, in words; empty when up
  std::optional<GreView> gre;  // of a GRE tunnel
};

}  // namespace sw::device
