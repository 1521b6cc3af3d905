// Gives the IKE engine what it must not have itself: UDP ports 500 and 4500 of every address of this device, a timer,
// and its settings out of the configuration.
//
// Ports are open while an IKE peer is configured. On 4500 also ESP in UDP arrives (RFC 3948): it goes to the handler of
// OnEsp. Everything on the platform's scheduler thread. Platform, random and SaOwner outlive the host; callers do not
// drop it from inside a callback. A message is at most what a Packet holds (1,920 bytes): an RSA certificate of 2048
// bits fits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "device/ike/values.h"
#include "device/platform.h"
#include "hal/base/deadline_timer.h"
#include "hal/base/random.h"
#include "ipsec/ike/engine.h"

namespace sw::device {

// The engine's settings as the rows have them, without its peers; `sysname` is the local name of a device without one.
ipsec::ike::Settings IkeSettingsOf(const IkeConfig& config, const std::string& sysname);
// A peer as the engine has it. What cannot be used (a certificate file, a concealed key) is told to `trouble` and left
// out. `credentials` are those of its PKI domain; null: none.
ipsec::ike::PeerSettings PeerSettingsOf(const IkeConfig& config, const IkePeerConfig& peer,
                                        std::shared_ptr<const hal::Credentials> credentials,
                                        const std::function<void(const std::string&)>& trouble);

class IkeHost {
 public:
  using EspHandler = std::function<void(Ipv4 local, Endpoint from, PacketPtr esp)>;
  struct Services {
    Platform& platform;
    Random& random;
    ipsec::SaOwner& owner;
    std::function<std::int64_t()> wall_clock;
    std::function<bool(ipsec::ike::IkeTopic)> wants = {};
    std::function<void(const ipsec::ike::IkeEvent&)> notify = {};
    std::function<void(const std::string&)> trouble = {};  // settings and ports that cannot be had
  };
  explicit IkeHost(Services services);
  ~IkeHost();
  IkeHost(const IkeHost&) = delete;
  IkeHost& operator=(const IkeHost&) = delete;

  void Configure(const IkeConfig& config, const std::string& sysname);  // all of it
  // What changed. `all`: what concerns all peers, the sysname among it; `peers`: those that are new, other or gone,
  // whose certificates are read again.
  void Follow(const IkeConfig& config, const std::string& sysname, bool all, const std::set<std::string>& peers);
  void Refresh();                                              // addresses may have changed: opens and closes ports
  void RefreshInterfaces(const std::set<std::string>& names);  // of these interfaces alone

  ipsec::ike::Engine& engine() { return *engine_; }
  const ipsec::ike::Engine& engine() const { return *engine_; }
  void OnEsp(EspHandler handler) { on_esp_ = std::move(handler); }
  void SendEsp(Ipv4 local, Endpoint to, PacketPtr esp);  // from port 4500; silently nothing without that port

 private:
  void SetPeer(const IkeConfig& config, const IkePeerConfig& peer);
  std::shared_ptr<const hal::Credentials> CredentialsOf(const IkeConfig& config, const std::string& domain);
  void SetAddresses(const std::string& interface, std::set<Ipv4> addresses);
  void OpenOrClose(Ipv4 address);
  void Send(Endpoint local, Endpoint remote, ByteView bytes);
  void Received(Endpoint local, std::vector<dvpn::Datagram>& burst);
  void Arm();
  Ipv4 SourceFor(Ipv4 remote) const;

  Services services_;
  DeadlineTimer timer_;
  std::unique_ptr<ipsec::ike::Engine> engine_;
  std::map<std::string, std::shared_ptr<const hal::Credentials>> credentials_;  // of PKI domains, while peers are set
  std::map<std::string, std::set<Ipv4>> addresses_;                             // of the interfaces
  std::map<Ipv4, std::size_t> interfaces_;                                      // how many have each address
  std::map<Endpoint, std::unique_ptr<UdpPort>> ports_;
  std::set<Endpoint> refused_;  // told once
  EspHandler on_esp_;
  bool wanted_ = false;
};

}  // namespace sw::device
