// IPsec on the ports of one device (RFC 2401): selects by policy what is protected, holds the SAs, protects and opens.
//
// Packets and events in, packets out; no I/O. What leaves a port is asked about with Outbound, what arrives unprotected
// with Inbound; ESP and AH for this device go to Receive, whole. Rules of selection: policies in ascending number, the
// first that permits wins, none means unprotected (guide page 161). While SAs are negotiated the packets are dropped.
// One pair of SAs (a bundle) per policy and flow; the newest sends, older ones receive until they end. One thread.
// SaOwner calls may come from inside KeyManager calls.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/base/random.h"
#include "hal/crypto_device.h"
#include "ipsec/acl.h"
#include "ipsec/gateway_events.h"
#include "ipsec/gateway_models.h"
#include "ipsec/negotiation.h"
#include "ipsec/policy.h"

namespace sw::ipsec {

struct GatewayOutput {
  struct OnPort {
    int port;
    PacketPtr packet;  // starts at its IP header
  };
  struct Encapsulated {  // ESP for a peer behind NAT: goes by UDP
    Ipv4 local;
    Endpoint remote;
    PacketPtr packet;
  };
  std::vector<OnPort> sent;       // to be sent as they are, past the policies
  std::vector<OnPort> delivered;  // opened: as if they had come in there, past the policies
  std::vector<Encapsulated> udp;
};

// All of them outlive the gateway.
struct GatewayServices {
  hal::CryptoDevice& crypto;
  Random& random;
  PacketPool& packets;
  std::function<Time()> now;
  std::function<Acl*(int)> acl;                   // null: no such list
  std::function<void()> changed = {};             // SAs have come or gone
  std::function<bool(GatewayTopic)> wants = {};   // asked before anything is put into words; empty: nothing
  std::function<void(GatewayEvent)> notify = {};  // in the middle of the work: must not come back into the gateway
};

class Gateway final : public SaOwner {
 public:
  explicit Gateway(GatewayServices services);
  ~Gateway() override;
  void SetKeyManager(KeyManager* manager);  // null: nothing is negotiated; outlives its use

  // All ports anew. SAs go where their policy has gone or is another; lifetimes and proposals count from the next
  // negotiation on. What cannot be installed is told to notify.
  void Configure(std::vector<ProtectedPort> ports);
  // One port, new or otherwise than before; the others stay as they are.
  void SetPort(ProtectedPort port);
  void RemovePort(int port);

  // For a successor in another process, whose ports and policies are the same; nothing is in flight. To go on after
  // that costs numbers (hal/base/state.h). Policies that the successor does not have lose their SAs. False: it is not
  // that.
  SecretBytes Save();
  bool Restore(ByteView saved);

  void Outbound(int port, std::vector<PacketPtr>& burst, GatewayOutput& out);  // leaves what is sent unprotected
  void Inbound(int port, std::vector<PacketPtr>& burst);                       // leaves what may come unprotected
  void Receive(std::vector<PacketPtr>& burst, GatewayOutput& out);             // ESP and AH with their IP headers
  void ReceiveUdp(Ipv4 local, Endpoint remote, PacketPtr esp, GatewayOutput& out);
  // ICMP says that a link takes `mtu` bytes: of the packet quoted from its IP header on. Ignored unless it is ours.
  void PathMtu(ByteView quoted, std::size_t mtu);
  void Poll(GatewayOutput& out);  // the crypto engine may have finished something

  Time deadline() const;
  void OnTimer();

  std::uint32_t AllocateSpi(SaProtocol protocol) override;
  Result<Accepted> Judge(const Offer& offer) override;
  void Install(AgreedSas sas) override;
  void Prepare(AgreedSas sas) override;
  void Confirmed(SaProtocol protocol, std::uint32_t inbound_spi) override;
  void Abandoned(SaProtocol protocol, std::uint32_t inbound_spi) override;
  void Deleted(SaProtocol protocol, std::uint32_t inbound_spi) override;
  void PeerLost(const std::string& peer, Ipv4 remote) override;
  void Failed(const Wish& wish, const std::string& reason) override;

  // Keeps the policy of a flow from its first packet on (fast_index.h); off by default. While it is kept, packets of
  // the flow are not counted for the rules of its list. Whoever changes what lists answer calls ForgetFastSwitch, or
  // Configure, which forgets too.
  void SetFastSwitch(bool on);
  void ForgetFastSwitch();
  std::vector<FastFlowView> fast_flows() const;

  std::vector<BundleView> bundles() const;  // by connection
  const Statistics& statistics() const;
  void ResetStatistics();
  // Which SAs end now; manual ones come back at once (guide page 386). Counts the bundles.
  struct Which {
    std::optional<Ipv4> remote;
    std::string policy;         // empty: any
    std::optional<int> number;  // of `policy`
    std::optional<SaProtocol> protocol;
    std::uint32_t outbound_spi = 0;  // with `protocol` and `remote`
  };
  std::size_t Reset(const Which& which);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sw::ipsec
