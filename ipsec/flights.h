// Packets on their way through the SAs of a gateway: sealed, opened, checked, handed out. One that takes ESP and AH
// passes twice. Owned by the gateway; one thread. References outlive this.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ipsec/bundle.h"
#include "ipsec/gateway_report.h"
#include "ipsec/key_requests.h"
#include "ipsec/policy_table.h"
#include "ipsec/sa_store.h"

namespace sw::ipsec {

class Flights {
 public:
  Flights(const GatewayServices& services, Esp& esp, const BundleTable& bundles, const PolicyTable& policies,
          SaStore& sas, KeyRequests& requests, GatewayReport& report)
      : services_(services),
        esp_(esp),
        bundles_(bundles),
        policies_(policies),
        sas_(sas),
        requests_(requests),
        report_(report) {}

  void Seal(const PortPolicies& port, Bundle& bundle, const hal::Ipv4Header& header, PacketPtr packet,
            GatewayOutput& out);
  void Open(PacketPtr packet);                                  // ESP or AH with its IP header
  void OpenUdp(Ipv4 local, Endpoint remote, PacketPtr packet);  // ESP in UDP, from its SPI on
  void Finish(GatewayOutput& out);                              // what the engine has done

 private:
  // A packet while its SAs work on it; its place is the context that the SA engine hands back.
  struct Flight {
    int connection = 0;
    bool opening = false;
    hal::Ipv4Header header;              // sealing: the packet's; opening: the outer one
    std::array<std::uint8_t, 60> bytes;  // transport mode: the header itself
    std::size_t length = 0;
    std::uint32_t spi = 0, sequence = 0;  // opening: of the SA at work
  };
  static KnownPacket KnownOf(const Flight& flight, const Bundle* bundle, SaProtocol protocol);
  std::size_t InnerRoom(const PortPolicies& port, const Bundle& bundle) const;
  std::uint64_t Take(const Flight& flight);
  void OpenAh(Flight flight, PacketPtr packet);
  void OpenEsp(Bundle* outer, Flight flight, PacketPtr packet);
  void FinishOne(Finished& done, GatewayOutput& out);
  void FinishSealed(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  void FinishOpened(Flight& flight, Bundle& bundle, Finished& done, GatewayOutput& out);
  bool IsFor(const Bundle& bundle, const AclPacket& inner, bool later_fragment) const;

  const GatewayServices& services_;
  Esp& esp_;
  const BundleTable& bundles_;
  const PolicyTable& policies_;
  SaStore& sas_;
  KeyRequests& requests_;
  GatewayReport& report_;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_;
  std::vector<Finished> finished_;
  std::uint16_t last_ip_id_ = 0;
};

}  // namespace sw::ipsec
