// `display interface` and `display ip interface`: line forms of later devices that public parsers expect, since no
// capture of the module is known. What they do not know begins with a word they pass over. A block ends with an empty
// line.
#pragma once

#include <vector>

#include "cli/display/field.h"
#include "device/interface_view.h"

namespace sw::cli {

using InterfacesView = std::vector<device::InterfaceView>;
extern const DisplayOf<InterfacesView> kInterfacesDisplay, kIpInterfacesDisplay;
extern const Layout kInterfacesBrief;

}  // namespace sw::cli
