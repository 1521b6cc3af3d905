// One interface of a lab node, as its IP stack sees it.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "device/platform.h"

namespace sw::device {

struct Interface {
  InterfaceSettings settings;  // mtu never 0
  InterfaceKind kind = InterfaceKind::kNull;
  int own_mtu = 0;  // when the settings name none
  bool link = false;
  std::optional<std::array<std::uint8_t, 6>> mac;
  std::function<void(Ipv4 next_hop, PacketPtr packet)> output;  // empty: nothing leaves here (LoopBack)
  // Whoever protects this interface takes packets here; empty: nobody.
  std::function<void(PacketPtr packet)> on_output, on_input;
  std::uint64_t input_packets = 0, input_bytes = 0, input_errors = 0;
  std::uint64_t output_packets = 0, output_bytes = 0, output_errors = 0;

  bool usable() const { return settings.up && link; }
};

using Interfaces = std::map<std::string, Interface, std::less<>>;  // nodes of a map stay where they are

}  // namespace sw::device
