// One generation of a session's keys, and the exchange that makes the next one.
#pragma once

#include <memory>
#include <optional>

#include "dvpn/control_channel.h"
#include "ipsec/esp.h"
#include "ipsec/shared_sa.h"

namespace sw::dvpn {

struct Generation {
  ControlChannel channel;
  ipsec::SaId inbound = 0, outbound = 0;
  Time expires;
  // What data-path workers passed by these SAs, and how much of it the session has taken into its own account.
  std::shared_ptr<ipsec::SharedSa> in_shared{}, out_shared{};
  ipsec::SharedSa::Passed in_seen{}, out_seen{};
};

// From the request until the new generation is proven. The active end sent the request, the passive one answered it.
struct Exchange {
  bool active = false;
  wire::Type request_type = wire::Type::kSetupReq;
  std::optional<hal::DhKey> dh;  // active, until the answer came
  wire::Nonce nonce{};
  std::uint32_t spi = 0;
  Bytes request;                   // active: the plain body, for the transcript
  Bytes datagram;                  // active: to send again; passive: the request that was answered
  Bytes answer;                    // passive: to send again
  std::optional<Generation> keys;  // once both halves are known
  Endpoint peer;
  int sends = 0;
  Time next_send;  // active
  Time expires;    // passive
};

}  // namespace sw::dvpn
