// Gives the IPsec gateway what it must not have itself: the protected ports of the platform, a timer, and its policies
// out of the configuration.
//
// An interface is opened for protection while a policy group is applied to it. Everything on the platform's scheduler
// thread. Services outlive the host.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "device/interface/values.h"
#include "device/ipsec/values.h"
#include "device/log/monitor.h"
#include "device/platform.h"
#include "hal/base/deadline_timer.h"
#include "hal/base/random.h"
#include "hal/shared_device.h"
#include "ipsec/gateway.h"

namespace sw::hal {
class FailoverDevice;
}  // namespace sw::hal

namespace sw::device {

// One proposal as the engines have it; nullopt: no engine has its cipher.
std::optional<ipsec::Protection> ProtectionOf(const IpsecProposalConfig& proposal);
// Whether a proposal can be used here. Card proposals need a card assigned to them that is there and has the
// algorithms; a card that was never seen up is believed to have them. `card`: null: this device has none.
Status Usable(const IpsecProposalConfig& proposal, const hal::FailoverDevice* card);
// A policy as the gateway has it, of the proposals that can be used. A key that does not fit is left out, so that its
// SA is not made. `remote`: the address of its IKE peer, as far as it is known.
ipsec::Policy PolicyOf(const IpsecConfig& config, const IpsecPolicyConfig& policy, Ipv4 remote,
                       const hal::FailoverDevice* card);

class IpsecHost {
 public:
  struct Services {
    Platform& platform;
    hal::SharedDevice& crypto;
    Random& random;
    std::function<ipsec::Acl*(int number)> acl;               // null: no such list
    std::function<Ipv4(const std::string& ike_peer)> remote;  // empty: not known before it answers
    Monitor& monitor;
    hal::FailoverDevice* card;  // null: this device has none
  };
  explicit IpsecHost(Services services);
  ~IpsecHost();
  IpsecHost(const IpsecHost&) = delete;
  IpsecHost& operator=(const IpsecHost&) = delete;

  // After a commit, lists included: of these interfaces alone.
  void Follow(const IpsecConfig& config, const InterfacesConfig& interfaces, const std::set<std::string>& names);
  void FollowAll(const IpsecConfig& config, const InterfacesConfig& interfaces);
  void FollowLists();  // rules of lists have changed
  void PollCrypto();
  bool Restore(ByteView saved);  // as the gateway has it
  SecretBytes Save();            // everything that the crypto engine has comes back and goes on before

  ipsec::Gateway& gateway() { return *gateway_; }
  const ipsec::Gateway& gateway() const { return *gateway_; }
  // ESP in UDP (RFC 3948): whoever has port 4500 sends and receives it.
  using UdpSender = std::function<void(Ipv4 local, Endpoint to, PacketPtr esp)>;
  void OnSendUdp(UdpSender sender) { send_udp_ = std::move(sender); }
  void ReceiveUdp(Ipv4 local, Endpoint from, PacketPtr esp);

  std::size_t Reset(const ipsec::Gateway::Which& which);

 private:
  struct Port {
    int number = 0;
    std::unique_ptr<ProtectionPort> port;  // null: could not be opened
    std::vector<int> lists;                // of its policies
    bool negotiates_flows = false;         // some of them are templates
  };
  void Open(const std::string& interface, Port& port);
  void Protect(const IpsecConfig& config, const InterfaceConfig& interface);
  void Release(const std::string& name);
  void Flush();  // sends and delivers what the gateway put out, arms its deadline
  void RefreshFlows();
  void RefreshFlows(const std::string& interface, Port& port);
  void SayUnusable(const IpsecProposalConfig& proposal);
  void RefreshFlowsSoon();
  Port* Find(int number);

  Services services_;
  DeadlineTimer timer_;
  std::unique_ptr<hal::SharedDevice::Queue> queue_;
  std::unique_ptr<ipsec::Gateway> gateway_;
  std::map<std::string, Port> ports_;
  int last_port_ = 0;
  std::map<std::string, std::string> unusable_;  // proposals in use, with the reason that was logged
  ipsec::GatewayOutput out_;
  UdpSender send_udp_;
  Scheduler::TimerId flows_timer_ = 0;
};

}  // namespace sw::device
