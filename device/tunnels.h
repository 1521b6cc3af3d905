// Tunnel interfaces on the platform, each with its DVPN engine while one can run, or as a GRE tunnel.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "device/dvpn/certificates.h"
#include "device/dvpn/tunnel_host.h"
#include "device/dvpn/values.h"
#include "device/gre/host.h"
#include "device/gre/values.h"
#include "device/interface/applied.h"
#include "device/log/event_log.h"
#include "device/log/monitor.h"
#include "device/platform.h"
#include "device/saved.h"
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

// What the engines of tunnels are made of.
struct TunnelsConfig {
  const InterfacesConfig& interfaces;
  const DvpnConfig& dvpn;
  PkiDomains pki_domains;
  const std::string& sysname;
};

class AppliedTunnels final : public TunnelInterfaces {
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
    std::function<void()> line_changed;  // of a tunnel: its interface is to follow (Up)
    std::function<std::int64_t()> wall_clock;
    SavedParts& saved;                   // of a predecessor: an engine that begins with its part takes it out
  };
  explicit AppliedTunnels(Services services);
  ~AppliedTunnels();

  Status Open(const InterfaceConfig& interface) override;
  bool Close(const std::string& name) override;
  int MtuOf(const InterfaceConfig& interface) const override;
  // A tunnel that nothing carries is down, and its routes go with it.
  bool Up(const InterfaceConfig& interface) const override { return !interface.shutdown && Carried(interface.name); }
  // Starts, stops and restarts the engines of these interfaces so that each runs with its settings.
  void Refresh(const TunnelsConfig& config, const std::set<std::string>& names);
  void RefreshAll(const TunnelsConfig& config);
  void RefreshStopped(const TunnelsConfig& config);  // those only that could not run before
  void OnChange();                            // of configuration, a link or a route: clients that wait try again
  hal::SharedDevice& crypto() { return crypto_; }
  GreHost& gre() { return gre_; }
  const GreHost& gre() const { return gre_; }
  // Everything that the crypto engine has comes back and goes on; then every engine saves itself.
  void Save(SavedParts& out);
  void PollCrypto();  // packets that the crypto engine has finished go on

  DvpnHost* Find(const std::string& name) {  // null: no engine runs there
    const auto found = hosts_.find(name);
    return found == hosts_.end() ? nullptr : found->second.engine.get();
  }
  const TunnelHosts& hosts() const { return hosts_; }
  TunnelHosts& hosts() { return hosts_; }

 private:
  void Refresh(const TunnelsConfig& config, const InterfaceConfig& interface, TunnelHost& tunnel);
  void RefreshGre(const TunnelsConfig& config, const InterfaceConfig& interface, TunnelHost& tunnel);
  static void Stop(TunnelHost& tunnel);
  Result<dvpn::TunnelSettings> SettingsOf(const TunnelsConfig& config, const InterfaceConfig& interface);
  bool Carried(const std::string& name) const;

  Services services_;
  hal::SharedDevice crypto_;
  Certificates certificates_;
  std::string certificate_trouble_;  // as it was logged last
  TunnelHosts hosts_;
  GreHost gre_;  // after the ports, which it uses
};

}  // namespace sw::device
