#include "device/tunnels.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace sw::device {

AppliedTunnels::AppliedTunnels(Services services)
    : services_(std::move(services)),
      crypto_(services_.crypto),
      gre_({services_.platform, services_.random, [this](const std::string& name, bool up) {
              services_.monitor.Log(
                  up ? Severity::kNotifications : Severity::kErrors, "IFNET", "UPDOWN",
                  "line protocol of " + name +
                      (up ? " is UP: keepalives are answered" : " is DOWN: keepalives are not answered"));
              services_.line_changed();
            }}) {}

AppliedTunnels::~AppliedTunnels() {
  // Everybody says goodbye: the clients of a server that stops go on talking to each other, and look for it.
  for (auto& [name, tunnel] : hosts_)
    if (tunnel.engine) tunnel.engine->Leave();
  for (auto& [name, tunnel] : hosts_) Stop(tunnel);
}

// The crypto engine may have packets of this tunnel still; they go when it has given them back.
void AppliedTunnels::Stop(TunnelHost& tunnel) {
  if (tunnel.crypto) tunnel.crypto->Drain();
  tunnel.engine.reset();
  tunnel.crypto.reset();
}

Status AppliedTunnels::Open(const InterfaceConfig& interface) {
  if (hosts_.contains(interface.name)) return {};
  const std::string name = interface.name;
  auto forward = [this, name](std::vector<PacketPtr>& burst) {
    auto found = hosts_.find(name);
    if (found == hosts_.end()) return;
    if (found->second.engine) return found->second.engine->Forward(burst);
    gre_.Forward(name, burst);
  };
  Result<std::unique_ptr<TunnelPort>> port = services_.platform.OpenTunnel(name, MtuOf(interface), forward);
  if (!port.ok()) return port.status();
  hosts_[name].port = std::move(*port);
  return {};
}

int AppliedTunnels::MtuOf(const InterfaceConfig& interface) const {
  if (const auto gre = gre_.Mtu(interface.name, interface.mtu)) return *gre;
  return interface.mtu == 0 ? kTunnelMtu : std::min(interface.mtu, kMostTunnelMtu);
}

bool AppliedTunnels::Carried(const std::string& name) const {
  if (services_.saved.contains(kSavedTunnel + name) || services_.saved.contains(kSavedGre + name)) return true;
  const auto found = hosts_.find(name);
  const bool dvpn = found != hosts_.end() && found->second.engine != nullptr;
  return dvpn || (gre_.Runs(name) && gre_.Answered(name));
}

bool AppliedTunnels::Close(const std::string& name) {
  const auto tunnel = hosts_.find(name);
  if (tunnel == hosts_.end()) return false;
  if (tunnel->second.engine) tunnel->second.engine->Leave();
  Stop(tunnel->second);
  gre_.Remove(name);
  hosts_.erase(tunnel);
  return true;
}

void AppliedTunnels::RefreshGre(const TunnelsConfig& config, const InterfaceConfig& interface, TunnelHost& tunnel) {
  if (tunnel.engine) tunnel.engine->Leave();
  Stop(tunnel);
  tunnel.settings.reset();
  tunnel.why_down.clear();
  gre_.Configure(interface.name, *tunnel.port, GreSettingsOf(config.interfaces, interface));
}

Result<dvpn::TunnelSettings> AppliedTunnels::SettingsOf(const TunnelsConfig& config, const InterfaceConfig& interface) {
  auto settings = TunnelSettingsOf(config.dvpn, config.interfaces, config.sysname, interface);
  if (!settings.ok()) return settings;
  std::string trouble;
  const Status filled = certificates_.Fill(config.pki_domains, config.dvpn, interface, *settings, trouble);
  if (!trouble.empty() && trouble != certificate_trouble_)
    services_.monitor.Log(Severity::kErrors, "DVPN", "TROUBLE", trouble);
  certificate_trouble_ = std::move(trouble);
  if (!filled.ok()) return filled;
  return settings;
}

void AppliedTunnels::Refresh(const TunnelsConfig& config, const InterfaceConfig& interface, TunnelHost& tunnel) {
  if (!interface.tunnel.dvpn) return RefreshGre(config, interface, tunnel);
  gre_.Remove(interface.name);
  Result<dvpn::TunnelSettings> settings = SettingsOf(config, interface);
  if (settings.ok() && tunnel.engine && tunnel.settings == *settings) return;
  if (settings.ok() && tunnel.engine && tunnel.engine->Adopt(*settings)) {
    tunnel.settings = std::move(*settings);
    return;
  }
  if (tunnel.engine) tunnel.engine->Leave();
  Stop(tunnel);
  tunnel.settings.reset();
  if (!settings.ok()) {
    tunnel.why_down = settings.why();
    return;
  }
  tunnel.crypto = crypto_.Open();
  dvpn::Services engine_services{*tunnel.crypto,   services_.random,        services_.platform.packets(),
                                 services_.events, services_.authenticator, *tunnel.port};
  engine_services.history = &services_.history;
  engine_services.permits = services_.permits;
  engine_services.wall_clock = services_.wall_clock;
  const auto saved = services_.saved.find(kSavedTunnel + interface.name);
  Result<std::unique_ptr<DvpnHost>> engine = DvpnHost::Start(
      *settings, services_.platform, *tunnel.port, engine_services,
      [&monitor = services_.monitor, name = interface.name](const Status& why) {
        monitor.Log(Severity::kWarnings, "DVPN", "DATAPATH",
                    name + ": no workers, packets take the slower way: " + why.why());
      },
      saved == services_.saved.end() ? nullptr : &saved->second);
  if (!engine.ok()) {
    tunnel.why_down = engine.why();
    services_.monitor.Log(Severity::kWarnings, "DVPN", "DOWN", interface.name + ": " + engine.why());
    return;
  }
  tunnel.settings = std::move(*settings);
  tunnel.engine = std::move(*engine);
  tunnel.why_down.clear();
  if (saved != services_.saved.end()) services_.saved.erase(saved);
}

void AppliedTunnels::Refresh(const TunnelsConfig& config, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const InterfaceConfig* interface = config.interfaces.Find(name);
    const auto tunnel = hosts_.find(name);
    if (interface != nullptr && tunnel != hosts_.end()) Refresh(config, *interface, tunnel->second);
  }
}

void AppliedTunnels::RefreshAll(const TunnelsConfig& config) {
  for (auto& [name, tunnel] : hosts_) Refresh(config, *config.interfaces.Find(name), tunnel);
}

void AppliedTunnels::RefreshStopped(const TunnelsConfig& config) {
  for (auto& [name, tunnel] : hosts_)
    if (!tunnel.engine && !gre_.Runs(name)) Refresh(config, *config.interfaces.Find(name), tunnel);
}

void AppliedTunnels::Save(SavedParts& out) {
  for (auto& [name, tunnel] : hosts_) {
    if (!tunnel.engine && Carried(name)) out[kSavedGre + name] = {};
    if (!tunnel.engine) continue;
    tunnel.crypto->Drain();
    tunnel.engine->PollCrypto();
    out[kSavedTunnel + name] = tunnel.engine->Save();
  }
}

void AppliedTunnels::PollCrypto() {
  for (auto& [name, tunnel] : hosts_)
    if (tunnel.engine) tunnel.engine->PollCrypto();
}

void AppliedTunnels::OnChange() {
  for (auto& [name, tunnel] : hosts_)
    if (tunnel.engine) tunnel.engine->OnChange();
}

}  // namespace sw::device
