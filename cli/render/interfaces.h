// `display interface` and `display ip interface brief` as text. Lines marked in the reference as captured are kept
// word for word; the rest is our own format.
#pragma once

#include <string>
#include <vector>

#include "device/device.h"

namespace sw::cli {

std::string InterfaceText(const device::InterfaceView& view);
std::string InterfaceBriefText(const std::vector<device::InterfaceView>& views);

}  // namespace sw::cli
