// What the gateway counts, and what it tells of packets and lookups, in the words of `debugging ipsec packet` of the
// module's siblings (VRP of their time). What they do not show is ours: transport mode, AH, why a packet was dropped.
// One thread; owned by the gateway.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hal/ports/ipv4.h"
#include "ipsec/bundle.h"
#include "ipsec/drop.h"
#include "ipsec/gateway.h"
#include "ipsec/policy_table.h"

namespace sw::ipsec {

// What is known of a packet when it is told of.
struct KnownPacket {
  const hal::Ipv4Header* header = nullptr;
  std::uint64_t policy = 0;  // where there is no bundle
  const Bundle* bundle = nullptr;
  SaProtocol protocol = SaProtocol::kEsp;
  std::uint32_t spi = 0, sequence = 0;
  Drop detail = Drop::kNone;
};

class GatewayReport {
 public:
  // Both outlive this.
  GatewayReport(const GatewayServices& services, const PolicyTable& policies)
      : services_(services), policies_(policies) {}

  bool Wants(GatewayTopic topic) const { return services_.wants && services_.wants(topic); }
  template <typename... Args>
  void Say(GatewayTopic topic, fmt::format_string<Args...> form, Args&&... args) const {
    if (Wants(topic)) services_.notify({.topic = topic, .text = fmt::format(form, std::forward<Args>(args)...)});
  }
  void Count(bool outbound, Cause cause) {
    ++(outbound ? statistics.out : statistics.in).dropped;
    ++statistics.causes[static_cast<std::size_t>(cause)];
  }
  void Dropped(bool outbound, Cause cause, const KnownPacket& known) {
    Count(outbound, cause);
    if (Wants(GatewayTopic::kPacket)) TellDropped(outbound, cause, known);
  }
  void TellSealed(const KnownPacket& known, bool last) const;                     // last: no other SA is to come
  void TellOpened(const KnownPacket& known, const hal::Ipv4Header* inner) const;  // inner: once no other SA is to come
  void TellLookup(const PortPolicies& port, const ActivePolicy* one, const hal::Ipv4Header& header,
                  std::string_view what) const;

  Statistics statistics;

 private:
  void TellDropped(bool outbound, Cause cause, const KnownPacket& known) const;
  void TellLines(bool outbound, const KnownPacket& known, const std::vector<std::string>& lines) const;

  const GatewayServices& services_;
  const PolicyTable& policies_;
};

}  // namespace sw::ipsec
