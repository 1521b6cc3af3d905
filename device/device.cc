#include "device/device.h"

#include <algorithm>
#include <utility>

#include "config-db/checkpoint.h"
#include "device/device_impl.h"

namespace sw::device {

namespace {

// A tunnel's own counters: a kernel counts large packets as one that the tunnel carries in several.
void ShowGre(const GreView& gre, InterfaceStatus& status) {
  status.input_packets = gre.counters.input_packets;
  status.input_bytes = gre.counters.input_bytes;
  status.input_errors = gre.counters.Errors(true);
  status.output_packets = gre.counters.output_packets;
  status.output_bytes = gre.counters.output_bytes;
  status.output_errors = gre.counters.Errors(false);
}

}  // namespace

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
  if (changes.Touches("encrypt_card")) {
    card.Configure(config.card);
    ipsec.gateway().SetFastSwitch(config.card.fast_switch && services.card != nullptr);
  }
  if (changes.Touches("system")) monitor.set_sysname(config.sysname);
  if (changes.Touches("clock")) {
    clock.Configure(config.clock.zone, config.clock.summer);
    ClockMoved();
  }
  if (changes.Touches("info_")) monitor.info().Configure(config.info_center);
  if (changes.Touches("dvpn_")) history.SetAge(std::chrono::hours(config.dvpn.global.session_history_age));
  if (changes.Touches("system") || changes.Touches("interface") || changes.Touches("dvpn_")) tunnels.Refresh(config);
  if (changes.Touches("interface") || changes.Touches("route_")) FollowTunnels();
  if (changes.Touches("ike_") || changes.Touches("pki_domain") || changes.Touches("system"))
    ike.Configure(config.ipsec, config.sysname);
  if (changes.Touches("interface")) ike.Refresh();
  if (changes.Touches("interface") || changes.Touches("route_") || changes.Touches("dvpn_")) tunnels.OnChange();
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
  ipsec.gateway().ForgetFastSwitch();
  minute = 0;
  if (acls.time_ranges().empty()) return;
  const auto left = std::chrono::seconds(60 - clock.Local(services.wall_clock()) % 60);
  minute = platform.scheduler().At(platform.scheduler().now() + left, [this] { OnMinute(); });
}

// Time ranges hold or not by what the clock shows now.
void Device::Impl::ClockMoved() {
  reboot.OnClockMoved();
  if (acls.time_ranges().empty()) return;
  platform.scheduler().Cancel(std::exchange(minute, 0));
  OnMinute();
}

// What the engines of tunnels know better than the configuration; routes may wait for a line that comes back.
void Device::Impl::FollowTunnels() {
  if (interfaces.FollowTunnels(config.interfaces)) routes.Reassert();
}

void Device::Impl::OnPlatformChange() {
  routes.Reassert();
  tunnels.RefreshStopped(config);
  FollowTunnels();
  tunnels.OnChange();
  ipsec.Configure(config);
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

RebootSchedule& Device::reboot_schedule() {
  return impl_->reboot;
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

Status Device::Restart(const configdb::Store& startup, const configdb::Origin& origin) {
  Result<configdb::Edit> edit = impl_->store.Begin(origin);
  if (!edit.ok()) return edit.status();
  SW_TRY(configdb::RestoreFrom(*edit, startup));
  if (edit->changed()) SW_TRY(impl_->Commit(*edit));
  (void)ResetDvpnMap(std::nullopt, std::nullopt);  // maps that are not there need no reset
  ResetDvpnStatistics();
  ResetDvpnHistory();
  (void)impl_->reboot.Cancel();
  impl_->clock.set_moved(0);
  impl_->ClockMoved();
  impl_->monitor.debugging().Clear();
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
CardHost& Device::card_host() {
  return impl_->card;
}
void Device::PollCrypto() {
  impl_->tunnels.PollCrypto();
  impl_->ipsec.PollCrypto();
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
    InterfaceView view{config, {}, false, {}, {}};
    auto status = statuses.find(config.name);
    if (status != statuses.end()) view.status = impl_->counters.Since(status->second);
    view.status.name = config.name;
    if (auto gre = impl_->tunnels.gre().View(config.name)) {
      ShowGre(*gre, view.status);
      view.protocol_up = gre->why_down.empty();
      view.protocol_note = gre->why_down;
      view.gre = std::move(*gre);
    } else if (auto tunnel = impl_->tunnels.hosts().find(config.name); tunnel != impl_->tunnels.hosts().end()) {
      view.protocol_up = tunnel->second.engine != nullptr;
      view.protocol_note = tunnel->second.why_down;
    } else if (config.kind == "NULL") {
      view.status.up = view.status.link = view.protocol_up = true;
    } else if (config.kind == "Virtual-Template") {
      view.protocol_note = "nothing here makes interfaces of a template";
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

void Device::ResetInterfaceCounters(const std::vector<std::string>& names) {
  for (const InterfaceStatus& status : impl_->platform.interfaces())
    if (std::ranges::find(names, status.name) != names.end()) impl_->counters.Reset(status);
  for (const std::string& name : names) impl_->tunnels.gre().ResetCounters(name);
}

std::vector<RouteEntry> Device::routes() const {
  return impl_->platform.routes();
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

Result<std::unique_ptr<Tftp>> Device::StartTftp(TftpOrder order, std::function<void(Result<std::string>)> done) {
  return device::StartTftp(impl_->platform, std::move(order), std::move(done));
}

Result<std::unique_ptr<Ping>> Device::StartPing(PingOptions options, std::function<void(const PingEvent&)> events) {
  return device::StartPing(impl_->platform, options, std::move(events));
}

}  // namespace sw::device
