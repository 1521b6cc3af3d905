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

#include "device/ipsec/values.h"
#include "device/platform.h"
#include "hal/base/deadline_timer.h"
#include "hal/base/random.h"
#include "ipsec/ike/engine.h"

namespace sw::device {

// The engine's settings as the rows have them; `sysname` is the local name of a device without one. What cannot be
// used (a certificate file, a concealed key) is told to `trouble` and left out.
ipsec::ike::Settings IkeSettingsOf(const IpsecConfig& config, const std::string& sysname,
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

  void Configure(const IpsecConfig& config, const std::string& sysname);
  void Refresh();  // addresses may have changed: opens and closes ports

  ipsec::ike::Engine& engine() { return *engine_; }
  const ipsec::ike::Engine& engine() const { return *engine_; }
  void OnEsp(EspHandler handler) { on_esp_ = std::move(handler); }
  void SendEsp(Ipv4 local, Endpoint to, PacketPtr esp);  // from port 4500; silently nothing without that port

 private:
  void Send(Endpoint local, Endpoint remote, ByteView bytes);
  void Received(Endpoint local, std::vector<dvpn::Datagram>& burst);
  void Arm();
  Ipv4 SourceFor(Ipv4 remote) const;

  Services services_;
  DeadlineTimer timer_;
  std::unique_ptr<ipsec::ike::Engine> engine_;
  std::map<Endpoint, std::unique_ptr<UdpPort>> ports_;
  std::set<Endpoint> refused_;  // told once
  EspHandler on_esp_;
  bool wanted_ = false;
};

}  // namespace sw::device
