#include "device/device.h"

#include <algorithm>
#include <utility>

#include "config-db/checkpoint.h"
#include "device/aaa/aaa.h"
#include "device/acl/acl_table.h"
#include "device/audit/live.h"
#include "device/audit/watch.h"
#include "device/card/host.h"
#include "device/config/commit_guard.h"
#include "device/config/config.h"
#include "device/config/subject.h"
#include "device/device_impl.h"
#include "device/file/flash.h"
#include "device/file/tftp.h"
#include "device/log/monitor.h"
#include "device/ping/ping.h"
#include "device/system/reboot_schedule.h"
#include "hal/failover/failover_device.h"

namespace sw::device {

// The address that lines to log hosts come from: of the interface configured for it, if it has one.
Ipv4 Engines::LogSource() const {
  const InterfaceConfig* interface = config.FindInterface(config.system.info_center.host_source);
  return interface == nullptr || interface->addresses.empty() ? Ipv4() : interface->addresses.front().address;
}

void Engines::FollowTunnelsSoon() {
  if (tunnels_timer != 0) return;
  tunnels_timer = platform.scheduler().At(platform.scheduler().now(), [this] { FollowTunnelsDue(); });
}

void Engines::FollowTunnelsDue() {
  if (tunnels_timer == 0) return;
  platform.scheduler().Cancel(std::exchange(tunnels_timer, 0));
  interfaces.FollowTunnels(config.interfaces);
}

// Rules ask for their time range when its answer may have changed: at the full minute.
void Engines::OnMinute() {
  acls.RefreshTimeRanges();
  ipsec.gateway().ForgetFastSwitch();
  minute = 0;
  if (acls.time_ranges().empty()) return;
  const auto left = std::chrono::seconds(60 - clock.Local(services.wall_clock()) % 60);
  minute = platform.scheduler().At(platform.scheduler().now() + left, [this] { OnMinute(); });
}

// Time ranges hold or not by what the clock shows now.
void Engines::ClockMoved() {
  reboot.OnClockMoved();
  if (acls.time_ranges().empty()) return;
  platform.scheduler().Cancel(std::exchange(minute, 0));
  OnMinute();
}

std::vector<AlgorithmLedger::Live> Engines::LiveAlgorithms(Time now) const {
  return device::LiveAlgorithms(now, ike.engine().sas(), ipsec.gateway().bundles(), dvpn_overview.maps(),
                                dvpn_overview.sessions());
}

Status Device::Impl::Apply(const Delta& delta) {
  for (const Subject& subject : Subjects())
    if (subject.apply != nullptr) SW_TRY(subject.apply(*this, delta));
  return {};
}

void Device::Impl::Follow(const Delta& delta) {
  for (const Subject& subject : Subjects())
    if (subject.follow != nullptr) subject.follow(*this, delta);
  algorithms.Follow(!config.ike.peers.empty() || !config.ipsec.policies.empty() || !tunnels.hosts().empty());
}

void Device::Impl::LogKeeping(const std::vector<KeepingNote>& notes) {
  for (const KeepingNote& note : notes)
    if (kept_notes.insert(note.text).second)
      monitor.Log(note.trouble ? Severity::kWarnings : Severity::kNotifications, "AAA", note.digest, note.text);
}

Status Device::Impl::Commit(configdb::Edit& edit) {
  std::vector<KeepingNote> notes;
  if (const Status kept = KeepSecrets(edit, notes); !kept.ok()) {
    edit.Rollback();
    return kept;
  }
  Result<Delta> delta = UpdateConfig(store, edit.changed_rows(), config);
  Status done = delta.status();
  if (done.ok()) done = ValidateConfig(config, *delta);
  const bool valid = done.ok();
  if (valid) done = Apply(*delta);
  if (done.ok()) done = edit.Commit();
  if (done.ok()) {
    Follow(*delta);
    LogKeeping(notes);
    if (on_commit) on_commit();
    return done;
  }

  edit.Rollback();
  delta = UpdateConfig(store, edit.changed_rows(), config);
  Status back = delta.status();
  if (back.ok() && valid) back = Apply(*delta);
  if (!back.ok()) monitor.Log(Severity::kErrors, "CFM", "ROLLBACK", back.why());
  return done;
}

void Device::Impl::OnPlatformChange() {
  interfaces.FollowPorts();
  routes.Retry();
  tunnels.RefreshStopped(tunnels_config());
  interfaces.FollowTunnels(config.interfaces);
  tunnels.OnChange();
  ipsec.FollowAll(config.ipsec, config.interfaces);
  ike.Refresh();
}

// Tells the AAA of users that come and go with their maps.
void Device::Impl::CutUser(const std::string& tunnel, Ipv4 peer) {
  if (DvpnHost* engine = tunnels.Find(tunnel)) (void)engine->ResetMap(peer);
}

void Device::Impl::WatchUsers() {
  event_log.Watch([this](Time, const dvpn::Event& event) {
    using dvpn::What;
    if (event.what == What::kSessionRemoved) return aaa.OnSessionRemoved(*event.session);
    if (event.what == What::kMapRemoved) return aaa.OnMapRemoved(*event.map);
    algorithms.Soon();
    if (event.what != What::kMapBuilt) return;
    aaa.OnMapBuilt(*event.map,
                   [this, tunnel = event.map->tunnel, peer = event.map->peer_private] { CutUser(tunnel, peer); });
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
  std::vector<KeepingNote> notes;
  const Status kept = KeepSecretsOf(self->store, notes);
  self->LogKeeping(notes);
  if (!kept.ok()) self->monitor.Log(Severity::kErrors, "AAA", "SECRETS", kept.why());
  Result<LoadedConfig> wanted = LoadConfig(self->store);
  if (!wanted.ok()) return wanted.status();
  self->config = std::move(wanted->config);
  self->monitor.set_sysname(self->config.system.sysname);
  std::unique_ptr<Device> device(new Device(std::move(impl)));
  self->Start(wanted->delta);
  self->Follow(wanted->delta);
  self->platform.OnChange([self] { self->OnPlatformChange(); });
  self->guard.Resume();
  SW_TRY(self->Restore());
  return device;
}

SavedParts Device::Save() {
  return impl_->Save();
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
  impl_->algorithms.Clear();
  (void)impl_->reboot.Cancel();
  impl_->clock.set_moved(0);
  impl_->ClockMoved();
  impl_->monitor.debugging().Clear();
  impl_->monitor.info().ResetLogBuffer();
  impl_->monitor.info().ResetTrapBuffer();
  impl_->started = impl_->platform.scheduler().now();
  return {};
}
std::vector<ipsec::FastFlowView> Device::fast_flows() const {
  return impl_->ipsec.gateway().fast_flows();
}
void Device::ForgetFastFlows() {
  impl_->ipsec.gateway().ForgetFastSwitch();
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
AlgorithmWatch& Device::algorithms() {
  return impl_->algorithms;
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
void Device::WatchCard(std::function<void(const CardChange&)> watcher) {
  impl_->card.WatchChanges(std::move(watcher));
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
  return impl_->config.system.sysname;
}

std::vector<dvpn::MapInfo> Device::maps() const {
  return impl_->dvpn_overview.maps();
}
std::vector<dvpn::SessionInfo> Device::sessions() const {
  return impl_->dvpn_overview.sessions();
}
std::vector<dvpn::IpsecSaInfo> Device::ipsec_sas() const {
  return impl_->dvpn_overview.ipsec_sas();
}
DvpnInfo Device::dvpn_info() const {
  return impl_->dvpn_overview.info();
}
std::optional<DvpnInfo> Device::dvpn_info(int dvpn_id) const {
  return impl_->dvpn_overview.info(dvpn_id);
}
std::vector<dvpn::SessionRecord> Device::dvpn_history() {
  return impl_->dvpn_overview.history();
}
void Device::ResetDvpnHistory() {
  impl_->dvpn_overview.ResetHistory();
}
std::vector<std::string> Device::WhyDvpn() const {
  return impl_->dvpn_overview.Why();
}
std::vector<std::string> Device::WhyDvpnPeer(Ipv4 peer_private) const {
  return impl_->dvpn_overview.WhyPeer(peer_private);
}
std::vector<std::string> Device::WhyDvpnPair(Ipv4 a, Ipv4 b) const {
  return impl_->dvpn_overview.WhyPair(a, b);
}
Result<std::vector<std::string>> Device::WhyDvpnClass(const std::string& dvpn_class) const {
  return impl_->dvpn_overview.WhyClass(dvpn_class);
}
Status Device::ResetDvpnMap(std::optional<int> dvpn_id, std::optional<Ipv4> peer_private) {
  return impl_->dvpn_overview.ResetMap(dvpn_id, peer_private);
}
Status Device::ResetDvpnSession(int dvpn_id, Ipv4 peer_private) {
  return impl_->dvpn_overview.ResetSession(dvpn_id, peer_private);
}
void Device::ResetDvpnStatistics() {
  impl_->dvpn_overview.ResetStatistics();
}
void Device::InjectDvpnFault(std::optional<dvpn::Fault> fault) {
  impl_->dvpn_overview.InjectFault(fault);
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
