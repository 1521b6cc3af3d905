#include "device/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "device/dvpn_host.h"
#include "device/event_log.h"
#include "device/local_authenticator.h"

namespace sw::device {
namespace {

// Fits every suite over a 1500 byte link without fragmenting the outer packet (our choice; the module's own default is
// not known).
constexpr int kTunnelMtu = 1420;

// A tunnel interface that exists, and its engine while one can run.
struct TunnelHost {
  std::unique_ptr<TunnelPort> port;
  std::optional<dvpn::TunnelSettings> settings;  // of the engine that runs
  std::unique_ptr<DvpnHost> engine;
  std::string why_down;
};

InterfaceSettings SettingsOf(const InterfaceConfig& config) {
  InterfaceSettings out{config.name, !config.shutdown, config.addresses, config.mtu, config.vlan};
  if (config.kind == "Tunnel" && out.mtu == 0) out.mtu = kTunnelMtu;
  return out;
}

// What platforms know of; NULL0 is a name for dropping.
bool IsPlatformInterface(const InterfaceConfig& config) { return config.kind != "NULL"; }

void Add(dvpn::Counters& sum, const dvpn::Counters& one) {
  sum.input += one.input;
  sum.dropped += one.dropped;
  sum.output += one.output;
  sum.output_errors += one.output_errors;
  sum.encryption_errors += one.encryption_errors;
  sum.redirects += one.redirects;
  sum.relayed += one.relayed;
}

}  // namespace

struct Device::Impl {
  Impl(Platform& p, configdb::Store s, Services sv)
      : platform(p), store(std::move(s)), services(std::move(sv)), monitor(services.wall_clock) {}

  ~Impl() {
    // A client says goodbye. A server that stops says nothing: its clients' direct sessions are to go on.
    for (auto& [name, tunnel] : tunnels)
      if (tunnel.engine && config.FindInterface(name)->tunnel.role == dvpn::Role::kClient) tunnel.engine->Leave();
  }

  Status Apply(Config wanted);
  Status ApplyInterfaces(const Config& wanted);
  Status OpenTunnelPort(const InterfaceConfig& interface);
  Status ApplyRoutes(const Config& wanted);
  void ReassertRoutes();
  void RefreshTunnel(const InterfaceConfig& interface, TunnelHost& tunnel);
  void OnPlatformChange();

  template <typename Visit>
  void EachEngine(Visit visit) const {
    for (const auto& [name, tunnel] : tunnels)
      if (tunnel.engine) visit(*tunnel.engine);
  }

  Platform& platform;
  configdb::Store store;
  Services services;
  Monitor monitor;
  EventLog event_log{monitor};
  Config config;
  LocalAuthenticator authenticator{config};
  std::map<std::string, TunnelHost> tunnels;
  std::set<StaticRoute> active_routes, waiting_routes;  // waiting: the platform cannot reach the next hop yet
  Time started = platform.scheduler().now();
};

Status Device::Impl::OpenTunnelPort(const InterfaceConfig& interface) {
  if (tunnels.contains(interface.name)) return {};
  const std::string name = interface.name;
  auto forward = [this, name](std::vector<PacketPtr>& burst) {
    auto found = tunnels.find(name);
    if (found != tunnels.end() && found->second.engine) found->second.engine->Forward(burst);
  };
  Result<std::unique_ptr<TunnelPort>> port =
      platform.OpenTunnel(name, interface.mtu == 0 ? kTunnelMtu : interface.mtu, forward);
  if (!port.ok()) return port.status();
  tunnels[name].port = std::move(*port);
  return {};
}

Status Device::Impl::ApplyInterfaces(const Config& wanted) {
  for (const InterfaceConfig& old : config.interfaces) {
    if (wanted.FindInterface(old.name) != nullptr || !IsPlatformInterface(old)) continue;
    if (auto tunnel = tunnels.find(old.name); tunnel != tunnels.end()) {
      if (tunnel->second.engine) tunnel->second.engine->Leave();
      tunnel->second.engine.reset();
      tunnels.erase(tunnel);
      continue;  // the interface went with its port
    }
    if (Status removed = platform.RemoveInterface(old.name); !removed.ok() && removed.code() != Code::kNotFound)
      return removed;
  }
  bool changed = false;
  for (const InterfaceConfig& interface : wanted.interfaces) {
    if (!IsPlatformInterface(interface)) continue;
    const InterfaceConfig* old = config.FindInterface(interface.name);
    if (old != nullptr && *old == interface) continue;
    if (interface.kind == "Tunnel") SW_TRY(OpenTunnelPort(interface));
    changed = true;
    Status set = platform.SetInterface(SettingsOf(interface));
    if (set.code() == Code::kNotFound) {
      monitor.Log(Severity::kWarnings, "IFNET", "ABSENT", interface.name + " is configured, but no port is bound to it");
    } else if (!set.ok()) {
      return std::move(set).Within(interface.name);
    }
  }
  if (changed) ReassertRoutes();
  return {};
}

Status Device::Impl::ApplyRoutes(const Config& wanted) {
  const std::set<StaticRoute> target(wanted.routes.begin(), wanted.routes.end());
  std::erase_if(waiting_routes, [&](const StaticRoute& route) { return !target.contains(route); });
  for (auto it = active_routes.begin(); it != active_routes.end();) {
    if (target.contains(*it)) {
      ++it;
      continue;
    }
    // The kernel drops routes by itself with their interface: not found is as good as removed.
    if (Status removed = platform.RemoveRoute(*it); !removed.ok() && removed.code() != Code::kNotFound) return removed;
    it = active_routes.erase(it);
  }
  for (const StaticRoute& route : target) {
    if (active_routes.contains(route)) continue;
    Status added = platform.AddRoute(route);
    if (!added.ok() && added.code() != Code::kNotFound)
      return std::move(added).Within("route to " + route.destination.ToString());
    (added.ok() ? active_routes : waiting_routes).insert(route);
    if (added.ok()) waiting_routes.erase(route);
  }
  return {};
}

void Device::Impl::RefreshTunnel(const InterfaceConfig& interface, TunnelHost& tunnel) {
  Result<dvpn::TunnelSettings> settings = TunnelSettingsOf(config, interface);
  if (settings.ok() && tunnel.engine && tunnel.settings == *settings) return;
  if (tunnel.engine) tunnel.engine->Leave();
  tunnel.engine.reset();
  tunnel.settings.reset();
  if (!settings.ok()) {
    tunnel.why_down = settings.why();
    return;
  }
  dvpn::Services engine_services{services.crypto, services.random, platform.packets(),
                                 event_log,       authenticator,   *tunnel.port};
  Result<std::unique_ptr<DvpnHost>> engine = DvpnHost::Start(*settings, platform, *tunnel.port, engine_services);
  if (!engine.ok()) {
    tunnel.why_down = engine.why();
    monitor.Log(Severity::kWarnings, "DVPN", "DOWN", interface.name + ": " + engine.why());
    return;
  }
  tunnel.settings = std::move(*settings);
  tunnel.engine = std::move(*engine);
  tunnel.why_down.clear();
}

Status Device::Impl::Apply(Config wanted) {
  Status done = ApplyInterfaces(wanted);
  if (done.ok()) done = ApplyRoutes(wanted);
  // Also when that failed: applying the old configuration again then undoes what was half done.
  config = std::move(wanted);
  if (!done.ok()) return done;
  monitor.set_sysname(config.sysname);
  for (const InterfaceConfig& interface : config.interfaces)
    if (auto found = tunnels.find(interface.name); found != tunnels.end())
      RefreshTunnel(interface, found->second);
  return {};
}

void Device::Impl::ReassertRoutes() {
  // A kernel forgets routes whose link goes down, and says nothing when adding one that it still has.
  std::set<StaticRoute> all = std::exchange(waiting_routes, {});
  all.merge(active_routes);
  active_routes.clear();
  for (const StaticRoute& route : all) {
    const Status added = platform.AddRoute(route);
    (added.ok() || added.code() == Code::kExists ? active_routes : waiting_routes).insert(route);
  }
}

void Device::Impl::OnPlatformChange() {
  ReassertRoutes();
  for (auto& [name, tunnel] : tunnels)
    if (!tunnel.engine) RefreshTunnel(*config.FindInterface(name), tunnel);
}

Device::Device(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Device::~Device() = default;

Result<std::unique_ptr<Device>> Device::Create(Platform& platform, configdb::Store store, Services services) {
  auto impl = std::make_unique<Impl>(platform, std::move(store), std::move(services));
  Impl* self = impl.get();
  if (self->services.log) self->monitor.Subscribe(self->services.log);
  Result<Config> wanted = LoadConfig(self->store);
  if (!wanted.ok()) return wanted.status();
  self->monitor.set_sysname(wanted->sysname);
  std::unique_ptr<Device> device(new Device(std::move(impl)));
  if (Status applied = self->Apply(std::move(*wanted)); !applied.ok())
    self->monitor.Log(Severity::kErrors, "CFM", "APPLY", applied.why());
  self->platform.OnChange([self] { self->OnPlatformChange(); });
  return device;
}

configdb::Store& Device::store() { return impl_->store; }

Status Device::Validate(const configdb::Store& store) {
  Result<Config> config = LoadConfig(store);
  if (!config.ok()) return config.status();
  return ValidateConfig(*config);
}

Status Device::Commit(configdb::Edit& edit) {
  Config wanted = impl_->config;
  SW_TRY(ReloadConfig(impl_->store, edit.changed_tables(), wanted));
  SW_TRY(ValidateConfig(wanted));
  Config before = impl_->config;
  Status done = impl_->Apply(std::move(wanted));
  if (done.ok()) done = edit.Commit();
  if (!done.ok()) {
    if (Status back = impl_->Apply(std::move(before)); !back.ok())
      impl_->monitor.Log(Severity::kErrors, "CFM", "ROLLBACK", back.why());
  }
  return done;
}

Scheduler& Device::scheduler() { return impl_->platform.scheduler(); }
Monitor& Device::monitor() { return impl_->monitor; }
void Device::ObserveEvents(std::function<void(Time, const dvpn::Event&)> observer) {
  impl_->event_log.Observe(std::move(observer));
}
std::int64_t Device::wall_clock() const { return impl_->services.wall_clock(); }
Duration Device::uptime() const { return impl_->platform.scheduler().now() - impl_->started; }
const hal::Capabilities& Device::crypto() const { return impl_->services.crypto.capabilities(); }
const Config& Device::config() const { return impl_->config; }
std::string Device::sysname() const { return impl_->config.sysname; }

std::vector<InterfaceView> Device::interfaces() const {
  std::map<std::string, InterfaceStatus> statuses;
  for (InterfaceStatus& status : impl_->platform.interfaces()) {
    std::string name = status.name;
    statuses.emplace(std::move(name), std::move(status));
  }
  std::vector<InterfaceView> out;
  for (const InterfaceConfig& config : impl_->config.interfaces) {
    InterfaceView view{config, {}, false, {}};
    auto status = statuses.find(config.name);
    if (status != statuses.end()) view.status = status->second;
    view.status.name = config.name;
    if (auto tunnel = impl_->tunnels.find(config.name); tunnel != impl_->tunnels.end()) {
      view.protocol_up = tunnel->second.engine != nullptr;
      view.protocol_note = tunnel->second.why_down;
    } else if (config.kind == "NULL") {
      view.status.up = view.status.link = view.protocol_up = true;
    } else {
      view.protocol_up = view.status.link && !config.shutdown && !config.addresses.empty();
      if (status == statuses.end()) {
        view.protocol_note = "no port is bound to it";
      } else if (config.addresses.empty()) {
        view.protocol_note = "no ip address is configured";
      } else if (!view.protocol_up) {
        view.protocol_note = "the link is down";
      }
    }
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<RouteEntry> Device::routes() const { return impl_->platform.routes(); }

std::vector<dvpn::MapInfo> Device::maps() const {
  std::vector<dvpn::MapInfo> out;
  impl_->EachEngine([&](const DvpnHost& host) {
    for (dvpn::MapInfo& map : host.tunnel().maps()) out.push_back(std::move(map));
  });
  return out;
}

std::vector<dvpn::SessionInfo> Device::sessions() const {
  std::vector<dvpn::SessionInfo> out;
  impl_->EachEngine([&](const DvpnHost& host) {
    for (dvpn::SessionInfo& session : host.tunnel().sessions()) out.push_back(std::move(session));
  });
  return out;
}

std::vector<dvpn::IpsecSaInfo> Device::ipsec_sas() const {
  std::vector<dvpn::IpsecSaInfo> out;
  impl_->EachEngine([&](const DvpnHost& host) {
    for (dvpn::IpsecSaInfo& sa : host.tunnel().ipsec_sas(impl_->platform.scheduler().now()))
      out.push_back(std::move(sa));
  });
  return out;
}

DvpnInfo Device::dvpn_info() const {
  DvpnInfo info;
  info.service = impl_->config.dvpn.global.service;
  info.device_id = impl_->config.sysname;
  info.classes = impl_->config.dvpn.classes.size();
  info.global = impl_->config.dvpn.global;
  std::map<std::string, std::uint64_t> drops;
  std::set<int> domains;
  for (const InterfaceConfig& interface : impl_->config.interfaces) {
    if (interface.kind != "Tunnel" || !interface.tunnel.dvpn) continue;
    (interface.tunnel.role == dvpn::Role::kClient ? info.client : info.server) = true;
  }
  impl_->EachEngine([&](const DvpnHost& host) {
    dvpn::Counters counters = host.tunnel().counters();
    counters.output_errors += host.send_errors();
    Add(info.counters, counters);
    for (const dvpn::Tunnel::NamedCount& drop : host.tunnel().drop_counters()) drops[drop.reason] += drop.count;
  });
  for (const dvpn::MapInfo& map : maps()) {
    ++info.maps;
    if (map.dvpn_id != 0) domains.insert(map.dvpn_id);
    if (map.state == dvpn::MapState::kServerFinished) ++info.clients;
  }
  info.sessions = sessions().size();
  info.domains = domains.size();
  for (auto& [reason, count] : drops) info.drops.push_back({reason, count});
  return info;
}

std::optional<DvpnInfo> Device::dvpn_info(int dvpn_id) const {
  std::optional<DvpnInfo> out;
  for (const auto& [name, tunnel] : impl_->tunnels) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    std::size_t maps = 0;
    for (const dvpn::MapInfo& map : engine.maps()) maps += map.dvpn_id == dvpn_id ? 1 : 0;
    const auto* server = std::get_if<dvpn::ServerSettings>(&engine.settings().role);
    if (maps == 0 && (server == nullptr || server->dvpn_id != dvpn_id)) continue;
    if (!out) out.emplace();
    out->maps += maps;
    (server == nullptr ? out->client : out->server) = true;
    if (server != nullptr) out->clients += maps;
    out->sessions += engine.sessions().size();
    Add(out->counters, engine.counters());
    out->counters.output_errors += tunnel.engine->send_errors();
  }
  return out;
}

Status Device::ResetDvpnMap(std::optional<Ipv4> peer_private) {
  Status last(Code::kNotFound, "no such map");
  for (auto& [name, tunnel] : impl_->tunnels) {
    if (!tunnel.engine) continue;
    Status done = tunnel.engine->ResetMap(peer_private);
    if (done.ok() || done.code() != Code::kNotFound) last = done;
  }
  return peer_private ? last : Status();
}

Status Device::ResetDvpnSession(int dvpn_id, Ipv4 peer_private) {
  for (auto& [name, tunnel] : impl_->tunnels) {
    if (!tunnel.engine) continue;
    for (const dvpn::SessionInfo& session : tunnel.engine->tunnel().sessions())
      if (session.dvpn_id == dvpn_id && session.peer_private == peer_private)
        return tunnel.engine->ResetSession(peer_private);
  }
  return {Code::kNotFound, "no such session"};
}

void Device::ResetDvpnStatistics() {
  for (auto& [name, tunnel] : impl_->tunnels)
    if (tunnel.engine) tunnel.engine->ResetStatistics();
}

Result<std::unique_ptr<Ping>> Device::StartPing(PingOptions options, std::function<void(const PingEvent&)> events) {
  return device::StartPing(impl_->platform, options, std::move(events));
}

}  // namespace sw::device
