// Tunnel interfaces on the platform, each with its DVPN engine while one can run, or as a GRE tunnel.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "device/config/config.h"
#include "device/dvpn/host.h"
#include "device/gre/host.h"
#include "device/log/event_log.h"
#include "device/log/monitor.h"
#include "device/platform.h"
#include "dvpn/authenticator.h"
#include "dvpn/history.h"
#include "hal/base/random.h"
#include "hal/crypto_device.h"
#include "hal/shared_device.h"

namespace sw::device {

// Of a DVPN tunnel. Fits every suite over a 1500 byte link without fragmenting the outer packet (our choice; the
// module's own default is not known).
inline constexpr int kTunnelMtu = 1420;
inline constexpr int kMostTunnelMtu = Packet::kRoom - Packet::kHeadroom;  // what is configured beyond counts as this

struct TunnelHost {
  std::unique_ptr<TunnelPort> port;
  std::optional<dvpn::TunnelSettings> settings;      // of the engine that runs
  std::unique_ptr<hal::SharedDevice::Queue> crypto;  // the engine's
  std::unique_ptr<DvpnHost> engine;
  std::string why_down;
};

class AppliedTunnels {
 public:
  struct Services {  // all of them outlive this
    Platform& platform;
    hal::CryptoDevice& crypto;
    Random& random;
    dvpn::Authenticator& authenticator;
    EventLog& events;
    Monitor& monitor;
    dvpn::SessionHistory& history;
    std::function<bool(int acl, const ipsec::AclPacket&)> permits;
    std::function<void()> line_changed;  // of a GRE tunnel: its interface is to follow (Up)
  };
  explicit AppliedTunnels(Services services);
  ~AppliedTunnels();

  Status Open(const InterfaceConfig& interface);  // the interface; its engine follows with Refresh
  bool Close(const std::string& name);            // with its engine; false: there is none of that name
  // Starts, stops and restarts engines so that each runs with its settings.
  void Refresh(const Config& config);
  void RefreshStopped(const Config& config);  // those only that could not run before
  void OnChange();                            // of configuration, a link or a route: clients that wait try again
  hal::SharedDevice& crypto() { return crypto_; }
  GreHost& gre() { return gre_; }
  const GreHost& gre() const { return gre_; }
  // What the platform is to be told of a tunnel interface, beside what is configured.
  int MtuOf(const InterfaceConfig& interface) const;
  bool Up(const InterfaceConfig& interface) const { return !interface.shutdown && gre_.Answered(interface.name); }
  void PollCrypto();  // packets that the crypto engine has finished go on

  DvpnHost* Find(const std::string& name) {  // null: no engine runs there
    const auto found = hosts_.find(name);
    return found == hosts_.end() ? nullptr : found->second.engine.get();
  }
  const std::map<std::string, TunnelHost>& hosts() const { return hosts_; }
  std::map<std::string, TunnelHost>& hosts() { return hosts_; }

 private:
  void Refresh(const Config& config, const InterfaceConfig& interface, TunnelHost& tunnel);
  void RefreshGre(const Config& config, const InterfaceConfig& interface, TunnelHost& tunnel);
  static void Stop(TunnelHost& tunnel);

  Services services_;
  hal::SharedDevice crypto_;
  std::map<std::string, TunnelHost> hosts_;
  GreHost gre_;  // after the ports, which it uses
};

}  // namespace sw::device
