// One generation of a session's keys: a control channel and two SAs.
#pragma once

#include <memory>

#include "dvpn/control_channel.h"
#include "ipsec/esp.h"
#include "ipsec/shared_sa.h"

namespace sw::dvpn {

struct Generation {
  ControlChannel channel;
  ipsec::SaId inbound = 0, outbound = 0;
  Time made, expires;
  // What data-path workers passed by these SAs, and how much of it the session has taken into its own account.
  std::shared_ptr<ipsec::SharedSa> in_shared{}, out_shared{};
  ipsec::SharedSa::Passed in_seen{}, out_seen{};
};

}  // namespace sw::dvpn
