// How two clients of a server reach each other, in words: for `display dvpn why CLIENT CLIENT`, our extension. A server
// knows what it relayed, what it told them, and what each of them said to it last; of what they send each other
// directly it knows nothing, and says so.
#pragma once

#include <string>
#include <vector>

#include "dvpn/tunnel.h"

namespace sw::dvpn {

// Empty: this is no server of them both.
std::vector<std::string> ExplainPair(Time now, const Tunnel& server, Ipv4 a, Ipv4 b);

}  // namespace sw::dvpn
