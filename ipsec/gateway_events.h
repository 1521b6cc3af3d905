// What the gateway tells while somebody wants to know (`debugging ipsec`): SAs that come and go, packets, lookups that
// lead nowhere. Addresses, SPIs and names only; no keys, no contents of packets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ipsec/negotiation.h"

namespace sw::ipsec {

enum class GatewayTopic : std::uint8_t {
  kSa,      // added, replaced, expired, removed; what could not be negotiated or installed
  kPacket,  // each protected packet and each that was dropped, line by line
  kMisc,    // packets without a policy or without SAs, refused offers, path MTUs
};

struct GatewayEvent {
  GatewayTopic topic = GatewayTopic::kMisc;
  std::string text = {};  // one line
  // kPacket: by what the packet goes, as far as it is known.
  std::string policy = {};
  int number = 0;
  Ipv4 destination = {};  // of the SA
  SaProtocol protocol = SaProtocol::kEsp;
  std::uint32_t spi = 0;
};

// Which packets are told of: those of a policy or of its group, or those of one SA.
struct PacketFilter {
  std::string policy = {};         // empty: by the SA
  std::optional<int> number = {};  // of `policy`
  Ipv4 destination = {};
  SaProtocol protocol = SaProtocol::kEsp;
  std::uint32_t spi = 0;

  bool Takes(const GatewayEvent& event) const {
    if (!policy.empty()) return event.policy == policy && (!number || event.number == *number);
    return event.destination == destination && event.protocol == protocol && event.spi == spi;
  }
};

}  // namespace sw::ipsec
