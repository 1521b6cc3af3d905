// What a device hands to its successor in another process of this machine: the state of its engines, keys and numbers
// among it, each part under a name. Values that are wiped when they go (hal/base/state.h). Configuration is not among
// it: the successor reads it from the same database.
#pragma once

#include <map>
#include <string>

#include "hal/base/secret.h"

namespace sw::device {

using SavedParts = std::map<std::string, SecretBytes>;

// And the name of an interface, which is up from the start: its DVPN engine; or nothing, for GRE keeps nothing.
inline constexpr char kSavedTunnel[] = "dvpn ", kSavedGre[] = "gre ";

}  // namespace sw::device
