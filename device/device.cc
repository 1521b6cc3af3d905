#include "device/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config-db/checkpoint.h"
#include "device/apply/interfaces.h"
#include "device/apply/routes.h"
#include "device/apply/tunnels.h"
#include "device/event_log.h"
#include "device/ike_host.h"
#include "device/ike_log.h"
#include "device/ipsec_host.h"
#include "device/log_sender.h"
#include "dvpn/why.h"
#include "hal/card/inject.h"

namespace sw::device {
namespace {

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
  Impl(Platform& p, configdb::Store s, Services sv) : platform(p), store(std::move(s)), services(std::move(sv)) {
    monitor.OnLogHostLine([this](const LogHost& host, std::string line) {
      log_sender.Send({host.address, kSyslogPort}, std::move(line));
    });
    ipsec.gateway().SetKeyManager(&ike.engine());
    ipsec.OnSendUdp([this](Ipv4 local, Endpoint to, PacketPtr esp) { ike.SendEsp(local, to, std::move(esp)); });
    ike.OnEsp([this](Ipv4 local, Endpoint from, PacketPtr esp) { ipsec.ReceiveUdp(local, from, std::move(esp)); });
  }

  // Engines and platform follow `config`, as far as `changes` concern them.
  Status Apply(const Changes& changes);
  Status Commit(configdb::Edit& edit);
  void OnPlatformChange();
  void WatchUsers();
  Status FollowAcls(const Changes& changes);
  void FollowIpsec(const Changes& changes);
  void OnMinute();
  void ClockMoved();
  Ipv4 LogSource() const;
  ~Impl() {
    platform.scheduler().Cancel(minute);
    ipsec.gateway().SetKeyManager(nullptr);
  }

  template <typename Visit>
  void EachEngine(Visit visit) const {
    for (const auto& [name, tunnel] : tunnels.hosts())
      if (tunnel.engine) visit(*tunnel.engine);
  }

  Platform& platform;
  configdb::Store store;
  Services services;
  DeviceClock clock;
  std::optional<Flash> flash;
  Config config;
  Time started = platform.scheduler().now();
  LogSender log_sender{platform, [this] { return LogSource(); }};
  Monitor monitor{
      {[this] { return clock.Local(services.wall_clock()); }, [this] { return platform.scheduler().now() - started; }}};
  EventLog event_log{monitor};
  std::function<void()> on_commit;
  Aaa aaa{platform, services.random, monitor, config.aaa, config.sysname};
  AclTable acls{[this] { return clock.Local(services.wall_clock()); }};
  Scheduler::TimerId minute = 0;  // armed while there are time ranges
  dvpn::SessionHistory history;   // before the tunnels, which tell it of their sessions
  AppliedTunnels tunnels{{platform, services.crypto, services.random, aaa, event_log, monitor, history,
                          [this](int number, const ipsec::AclPacket& packet) {
                            ipsec::Acl* acl = acls.Find(number);  // a list that is not there permits nothing
                            return acl != nullptr && acl->Match(packet).decision == ipsec::AclDecision::kPermit;
                          }}};
  AppliedInterfaces interfaces{platform, tunnels, monitor};
  AppliedRoutes routes{platform};
  IpsecHost ipsec{{platform, tunnels.crypto(), services.random, acls, monitor}};
  IkeHost ike{{platform, services.random, ipsec.gateway(), services.wall_clock,
               [this](ipsec::ike::Topic topic) { return IkeWanted(monitor, topic); },
               [this](const ipsec::ike::Event& event) { LogIke(monitor, event); },
               [this](const std::string& why) { monitor.Log(Severity::kErrors, "IKE", "TROUBLE", why); }}};
  CommitGuard guard{{store, platform.scheduler(), monitor, services.wall_clock,
                     [this](configdb::Edit& edit) { return Commit(edit); }}};
};

// The address that lines to log hosts come from: of the interface configured for it, if it has one.
Ipv4 Device::Impl::LogSource() const {
  const InterfaceConfig* interface = config.FindInterface(config.info_center.host_source);
  return interface == nullptr || interface->addresses.empty() ? Ipv4() : interface->addresses.front().address;
}

Status Device::Impl::Apply(const Changes& changes) {
  if (changes.Touches("interface")) {
    const Result<bool> set = interfaces.Apply(config.interfaces);
    if (!set.ok()) return set.status();
    if (*set) routes.Reassert();
  }
  SW_TRY(routes.Apply(config.routes, changes));
  if (services.card != nullptr && changes.Touches("encrypt_card")) {
    services.card->SetBackup(config.card.backup);
    services.card->SetShadow(config.card.shadow);
    services.card->SetShutDown(config.card.shut_down);
  }
  if (changes.Touches("system")) monitor.set_sysname(config.sysname);
  if (changes.Touches("clock")) {
    clock.Configure(config.clock.zone, config.clock.summer);
    ClockMoved();
  }
  if (changes.Touches("info_")) monitor.info().Configure(config.info_center);
  if (changes.Touches("dvpn_")) history.SetAge(std::chrono::hours(config.dvpn.global.session_history_age));
  if (changes.Touches("system") || changes.Touches("interface") || changes.Touches("dvpn_")) tunnels.Refresh(config);
  if (changes.Touches("ike_") || changes.Touches("pki_domain") || changes.Touches("system"))
    ike.Configure(config.ipsec, config.sysname);
  if (changes.Touches("interface")) ike.Refresh();
  return {};
}

Status Device::Impl::Commit(configdb::Edit& edit) {
  const Changes changes(edit.changed_rows());
  Status done = UpdateConfig(store, edit.changed_rows(), config);
  if (done.ok()) done = ValidateConfig(config, changes);
  const bool valid = done.ok();
  if (valid) done = Apply(changes);
  if (done.ok()) done = edit.Commit();
  if (done.ok()) {
    if (changes.Touches("radius_scheme")) aaa.OnConfigChange();
    // Lists follow what is committed, so that nothing has to be taken back: no engine can refuse a rule.
    if (Status followed = FollowAcls(changes); !followed.ok())
      monitor.Log(Severity::kErrors, "ACL", "APPLY", followed.why());
    FollowIpsec(changes);
    if (on_commit) on_commit();
    return done;
  }

  edit.Rollback();
  Status back = UpdateConfig(store, edit.changed_rows(), config);
  if (back.ok() && valid) back = Apply(changes);
  if (!back.ok()) monitor.Log(Severity::kErrors, "CFM", "ROLLBACK", back.why());
  return done;
}

Status Device::Impl::FollowAcls(const Changes& changes) {
  if (changes.all()) {
    SW_TRY(acls.Load(store));
  } else {
    if (!changes.Touches("acl") && !changes.Touches("time_range")) return {};
    SW_TRY(acls.Follow(store, changes.Of("time_range"), changes.Of("acl"), changes.Of("acl_rule")));
  }
  if (minute == 0 && !acls.time_ranges().empty()) OnMinute();
  return {};
}

// After what it builds on: interfaces, lists. Nothing here can refuse: what cannot run yet is told in the log.
void Device::Impl::FollowIpsec(const Changes& changes) {
  for (const char* tables : {"interface", "acl", "ipsec_", "ike_peer", "time_range"}) {
    if (changes.Touches(tables)) return ipsec.Configure(config);
  }
}

// Rules ask for their time range when its answer may have changed: at the full minute.
void Device::Impl::OnMinute() {
  acls.RefreshTimeRanges();
  minute = 0;
  if (acls.time_ranges().empty()) return;
  const auto left = std::chrono::seconds(60 - clock.Local(services.wall_clock()) % 60);
  minute = platform.scheduler().At(platform.scheduler().now() + left, [this] { OnMinute(); });
}

// Time ranges hold or not by what the clock shows now.
void Device::Impl::ClockMoved() {
  if (acls.time_ranges().empty()) return;
  platform.scheduler().Cancel(std::exchange(minute, 0));
  OnMinute();
}

void Device::Impl::OnPlatformChange() {
  routes.Reassert();
  tunnels.RefreshStopped(config);
  if (!ipsec.gateway().idle()) ipsec.Configure(config);
  ike.Refresh();
}

// Tells the AAA of users that come and go with their maps.
void Device::Impl::WatchUsers() {
  event_log.Watch([this](Time, const dvpn::Event& event) {
    using dvpn::What;
    if (event.what == What::kSessionRemoved) return aaa.OnSessionRemoved(*event.session);
    if (event.what == What::kMapRemoved) return aaa.OnMapRemoved(*event.map);
    if (event.what != What::kMapBuilt) return;
    aaa.OnMapBuilt(*event.map, [this, tunnel = event.map->tunnel, peer = event.map->peer_private] {
      if (DvpnHost* engine = tunnels.Find(tunnel)) (void)engine->ResetMap(peer);
    });
  });
  aaa.set_session_lookup([this](const std::string& tunnel, Ipv4 peer) -> std::optional<dvpn::SessionInfo> {
    const DvpnHost* engine = tunnels.Find(tunnel);
    if (engine == nullptr) return std::nullopt;
    for (dvpn::SessionInfo& session : engine->tunnel().sessions())
      if (session.peer_private == peer) return std::move(session);
    return std::nullopt;
  });
}

Device::Device(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Device::~Device() = default;

Result<std::unique_ptr<Device>> Device::Create(Platform& platform, configdb::Store store, Services services) {
  auto impl = std::make_unique<Impl>(platform, std::move(store), std::move(services));
  Impl* self = impl.get();
  if (self->services.log) self->monitor.Subscribe(self->services.log);
  self->WatchUsers();
  Result<Config> wanted = LoadConfig(self->store);
  if (!wanted.ok()) return wanted.status();
  self->config = std::move(*wanted);
  self->monitor.set_sysname(self->config.sysname);
  std::unique_ptr<Device> device(new Device(std::move(impl)));
  if (Status applied = self->Apply(Changes::All()); !applied.ok())
    self->monitor.Log(Severity::kErrors, "CFM", "APPLY", applied.why());
  SW_TRY(self->FollowAcls(Changes::All()));
  self->FollowIpsec(Changes::All());
  self->platform.OnChange([self] { self->OnPlatformChange(); });
  self->guard.Resume();
  return device;
}

configdb::Store& Device::store() {
  return impl_->store;
}

Status Device::Commit(configdb::Edit& edit) {
  return impl_->Commit(edit);
}
void Device::OnCommit(std::function<void()> handler) {
  impl_->on_commit = std::move(handler);
}
CommitGuard& Device::commit_guard() {
  return impl_->guard;
}

Scheduler& Device::scheduler() {
  return impl_->platform.scheduler();
}
Monitor& Device::monitor() {
  return impl_->monitor;
}
void Device::ObserveEvents(std::function<void(Time, const dvpn::Event&)> observer) {
  impl_->event_log.Observe(std::move(observer));
}
void Device::WatchChanges(std::function<void(Time, const dvpn::Event&)> watcher) {
  impl_->event_log.Watch(std::move(watcher));
}
Aaa& Device::aaa() {
  return impl_->aaa;
}
const Aaa& Device::aaa() const {
  return impl_->aaa;
}
std::int64_t Device::wall_clock() const {
  return impl_->services.wall_clock();
}
LocalTime Device::local_time() const {
  return impl_->clock.Local(impl_->services.wall_clock());
}
const DeviceClock& Device::clock() const {
  return impl_->clock;
}
void Device::SetClock(LocalTime local) {
  impl_->clock.SetLocal(local, impl_->services.wall_clock());
  impl_->ClockMoved();
}

Result<Flash*> Device::flash() {
  if (!impl_->flash) {
    const std::string& directory = impl_->services.flash;
    Result<Flash> opened = directory.empty() ? Flash::OpenTemporary() : Flash::Open(directory);
    if (!opened.ok()) return opened.status();
    impl_->flash.emplace(std::move(*opened));
  }
  return &*impl_->flash;
}

std::uint64_t Device::log_lines_sent() const {
  return impl_->log_sender.sent();
}

Status Device::Restart(const configdb::Store& startup, const configdb::Origin& origin) {
  Result<configdb::Edit> edit = impl_->store.Begin(origin);
  if (!edit.ok()) return edit.status();
  SW_TRY(configdb::RestoreFrom(*edit, startup));
  if (edit->changed()) SW_TRY(impl_->Commit(*edit));
  (void)ResetDvpnMap(std::nullopt, std::nullopt);  // maps that are not there need no reset
  ResetDvpnStatistics();
  ResetDvpnHistory();
  impl_->clock.set_moved(0);
  impl_->ClockMoved();
  impl_->monitor.debugging().clear();
  impl_->monitor.info().ResetLogBuffer();
  impl_->monitor.info().ResetTrapBuffer();
  impl_->started = impl_->platform.scheduler().now();
  return {};
}
IpsecHost& Device::ipsec() {
  return impl_->ipsec;
}
const IpsecHost& Device::ipsec() const {
  return impl_->ipsec;
}
AclTable& Device::acls() {
  return impl_->acls;
}
Duration Device::uptime() const {
  return impl_->platform.scheduler().now() - impl_->started;
}
const hal::Capabilities& Device::crypto() const {
  return impl_->services.crypto.capabilities();
}
hal::FailoverDevice* Device::card() const {
  return impl_->services.card;
}
void Device::PollCrypto() {
  impl_->tunnels.PollCrypto();
  impl_->ipsec.PollCrypto();
}

void Device::OnCardEvent(const hal::FailoverEvent& event) {
  using What = hal::FailoverEvent::What;
  struct Line {
    Severity severity;
    std::string_view digest;
  };
  const std::string_view fault = hal::pcie::Text(event.trouble).name;
  const Line line = event.what == What::kCardFailed   ? Line{Severity::kErrors, fault}
                    : event.what == What::kToSoftware ? Line{Severity::kWarnings, "TOSOFTWARE"}
                    : event.what == What::kNoBackup   ? Line{Severity::kErrors, "NOBACKUP"}
                                                      : Line{Severity::kNotifications, "TOCARD"};
  impl_->monitor.Log(line.severity, "ENCRYPTCARD", line.digest, "Encrypt-card 1/0: " + event.text);
}

Status Device::InjectCardFault(std::string_view plan) {
  if (impl_->services.card == nullptr) return {Code::kNotFound, "this device has no encryption card"};
  return hal::card::InjectFault(impl_->services.card->card().transport(), plan);
}

const Config& Device::config() const {
  return impl_->config;
}
std::string Device::sysname() const {
  return impl_->config.sysname;
}

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
    if (auto tunnel = impl_->tunnels.hosts().find(config.name); tunnel != impl_->tunnels.hosts().end()) {
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

std::vector<RouteEntry> Device::routes() const {
  return impl_->platform.routes();
}

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
  for (const auto& [name, tunnel] : impl_->tunnels.hosts()) {
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

// Maps whose domain and peer fit, on whichever tunnel.
Status Device::ResetDvpnMap(std::optional<int> dvpn_id, std::optional<Ipv4> peer_private) {
  Status last(Code::kNotFound, peer_private ? "no such map" : "no such domain");
  bool found = !dvpn_id && !peer_private;  // all of nothing is no error
  for (auto& [name, tunnel] : impl_->tunnels.hosts()) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    const auto* server = std::get_if<dvpn::ServerSettings>(&engine.settings().role);
    if (dvpn_id) {
      const std::vector<dvpn::MapInfo> all = engine.maps();
      const bool here = server != nullptr
                            ? server->dvpn_id == *dvpn_id
                            : std::ranges::any_of(all, [&](const auto& m) { return m.dvpn_id == *dvpn_id; });
      if (!here) continue;
    }
    const Status done = tunnel.engine->ResetMap(peer_private);
    if (done.code() == Code::kNotFound) continue;
    found = true;
    last = done;
  }
  return found && last.code() == Code::kNotFound ? Status() : last;
}

Status Device::ResetDvpnSession(int dvpn_id, Ipv4 peer_private) {
  for (auto& [name, tunnel] : impl_->tunnels.hosts()) {
    if (!tunnel.engine) continue;
    for (const dvpn::SessionInfo& session : tunnel.engine->tunnel().sessions())
      if (session.dvpn_id == dvpn_id && session.peer_private == peer_private)
        return tunnel.engine->ResetSession(peer_private);
  }
  return {Code::kNotFound, "no such session"};
}

std::vector<dvpn::SessionRecord> Device::dvpn_history() {
  std::vector<dvpn::SessionRecord> out = impl_->history.List(impl_->platform.scheduler().now());
  for (const dvpn::SessionInfo& live : sessions()) {
    const auto row = std::ranges::lower_bound(  // the list is in this order
        out, std::pair(live.dvpn_id, live.peer_private), {},
        [](const dvpn::SessionRecord& r) { return std::pair(r.dvpn_id, r.peer_private); });
    if (!live.proven || row == out.end() || row->dvpn_id != live.dvpn_id || row->peer_private != live.peer_private ||
        !row->online)
      continue;
    row->sent_packets += live.sent_packets;
    row->received_packets += live.received_packets;
  }
  return out;
}

void Device::ResetDvpnHistory() {
  impl_->history.Reset();
}

namespace {

void Append(std::vector<std::string>& to, std::vector<std::string> lines) {
  for (std::string& line : lines) to.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> Device::WhyDvpnPeer(Ipv4 peer) const {
  const Time now = impl_->platform.scheduler().now();
  std::vector<std::string> out;
  for (const auto& [name, tunnel] : impl_->tunnels.hosts()) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    std::vector<std::string> lines;
    for (const dvpn::MapInfo& map : engine.maps())
      if (map.peer_private == peer) Append(lines, dvpn::ExplainMap(now, map));
    for (const dvpn::SessionInfo& session : engine.sessions())
      if (session.peer_private == peer) Append(lines, dvpn::ExplainSession(now, session));
    const bool client = std::holds_alternative<dvpn::ClientSettings>(engine.settings().role);
    if (lines.empty() && engine.settings().address.Contains(peer)) {
      lines.push_back(client
                          ? fmt::format("no map and no session with {}: traffic to it goes by the server, which has "
                                        "sent no redirect for it",
                                        peer.ToString())
                          : fmt::format("no map with {}: no client has registered with this address", peer.ToString()));
      lines.push_back(
          client ? "to do: send traffic to it; see its register-type and whether it is registered, on the server"
                 : "to do: see 'display dvpn why class' on that client, and the log here for a refusal");
    }
    if (lines.empty()) continue;
    out.push_back(name + ":");
    Append(out, std::move(lines));
    Append(out, dvpn::ExplainDrops(now, engine.drop_counters()));
  }
  for (const auto& [name, tunnel] : impl_->tunnels.hosts())
    if (!tunnel.engine && !tunnel.why_down.empty()) out.push_back(name + ": does not run: " + tunnel.why_down);
  if (out.empty()) out.push_back("no tunnel of this device has anything to do with " + peer.ToString());
  return out;
}

Result<std::vector<std::string>> Device::WhyDvpnClass(const std::string& dvpn_class) const {
  if (!impl_->config.dvpn.classes.contains(dvpn_class)) return {Code::kNotFound, "The class does not exist"};
  const Time now = impl_->platform.scheduler().now();
  std::vector<std::string> out;
  for (const InterfaceConfig& interface : impl_->config.interfaces) {
    if (interface.kind != "Tunnel" || interface.tunnel.dvpn_class != dvpn_class) continue;
    const auto found = impl_->tunnels.hosts().find(interface.name);
    if (found == impl_->tunnels.hosts().end()) continue;
    const TunnelHost& tunnel = found->second;
    if (!tunnel.engine) {
      out.push_back(interface.name + ": does not run: " + tunnel.why_down);
      continue;
    }
    out.push_back(interface.name + ":");
    for (const dvpn::MapInfo& map : tunnel.engine->tunnel().maps()) {
      Append(out, dvpn::ExplainMap(now, map));
      for (const dvpn::SessionInfo& session : tunnel.engine->tunnel().sessions())
        if (session.type == dvpn::CommunicateType::kClientToServer) Append(out, dvpn::ExplainSession(now, session));
    }
    Append(out, dvpn::ExplainDrops(now, tunnel.engine->tunnel().drop_counters()));
  }
  if (out.empty())
    out.push_back("no tunnel uses this class: 'dvpn server " + dvpn_class + "' in the view of a client tunnel");
  return out;
}

std::vector<ipsec::ike::SaInfo> Device::ike_sas() const {
  return impl_->ike.engine().sas();
}
const ipsec::ike::Counters& Device::ike_counters() const {
  return impl_->ike.engine().counters();
}
Status Device::ResetIkeSa(std::optional<std::uint32_t> connection) {
  if (impl_->ike.engine().Reset(connection)) return {};
  return {Code::kNotFound, "no such connection"};
}

void Device::ResetDvpnStatistics() {
  for (auto& [name, tunnel] : impl_->tunnels.hosts())
    if (tunnel.engine) tunnel.engine->ResetStatistics();
}

Result<std::unique_ptr<Ping>> Device::StartPing(PingOptions options, std::function<void(const PingEvent&)> events) {
  return device::StartPing(impl_->platform, options, std::move(events));
}

}  // namespace sw::device
