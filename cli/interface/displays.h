// `display interface` and `display ip interface` as text: line forms of later devices that public parsers expect, since
// no capture of the module is known. What they do not know begins with a word they pass over. A block ends with an
// empty line.
#pragma once

#include <string>
#include <vector>

#include "device/device.h"

namespace sw::cli {

std::string InterfaceText(const device::InterfaceView& view);
std::string IpInterfaceText(const device::InterfaceView& view);
std::string InterfaceBriefText(const std::vector<device::InterfaceView>& views);

}  // namespace sw::cli
