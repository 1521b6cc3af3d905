// The parts of one device and how they are wired. For the files of device/ itself only; everybody else includes
// device/device.h.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "device/aaa/aaa.h"
#include "device/acl/acl_table.h"
#include "device/audit/watch.h"
#include "device/card/host.h"
#include "device/clock/device_clock.h"
#include "device/config/commit_guard.h"
#include "device/config/config.h"
#include "device/config/keeping.h"
#include "device/device.h"
#include "device/dvpn/overview.h"
#include "device/file/flash.h"
#include "device/ike/host.h"
#include "device/ike/log.h"
#include "device/interface/applied.h"
#include "device/interface/interface_counters.h"
#include "device/interface_view.h"
#include "device/ipsec/host.h"
#include "device/log/event_log.h"
#include "device/log/log_sender.h"
#include "device/log/monitor.h"
#include "device/route/applied.h"
#include "device/system/reboot_schedule.h"
#include "device/tunnels.h"

namespace sw::device {

struct Engines {
  Engines(Platform& p, configdb::Store s, Device::Services sv)
      : platform(p), store(std::move(s)), services(std::move(sv)) {
    monitor.OnLogHostLine([this](const LogHost& host, std::string line) {
      log_sender.Send({host.address, kSyslogPort}, std::move(line));
    });
    monitor.OnLeftOut([this](Duration then) {
      left_out = platform.scheduler().At(started + then, [this] { monitor.TellLeftOut(); });
    });
    ipsec.gateway().SetKeyManager(&ike.engine());
    ipsec.OnSendUdp([this](Ipv4 local, Endpoint to, PacketPtr esp) { ike.SendEsp(local, to, std::move(esp)); });
    ike.OnEsp([this](Ipv4 local, Endpoint from, PacketPtr esp) { ipsec.ReceiveUdp(local, from, std::move(esp)); });
  }
  ~Engines() {
    platform.scheduler().Cancel(minute);
    platform.scheduler().Cancel(left_out);
    platform.scheduler().Cancel(tunnels_timer);
    ipsec.gateway().SetKeyManager(nullptr);
  }
  Engines(const Engines&) = delete;
  Engines& operator=(const Engines&) = delete;

  TunnelsConfig tunnels_config() const {
    return {config.interfaces, config.dvpn, [this](const std::string& name) { return config.ike.FilesOf(name); },
            config.system.sysname};
  }
  // What the engines of tunnels know better than the configuration: soon, once for all that changes now.
  void FollowTunnelsSoon();
  void FollowTunnelsDue();  // what FollowTunnelsSoon put off, now
  void OnMinute();
  void ClockMoved();
  std::vector<AlgorithmLedger::Live> LiveAlgorithms(Time now) const;
  Ipv4 LogSource() const;

  Platform& platform;
  configdb::Store store;
  Device::Services services;
  DeviceClock clock;
  std::optional<Flash> flash;
  Config config;
  Time started = platform.scheduler().now();
  LogSender log_sender{platform, [this] { return LogSource(); }};
  Monitor monitor{
      {[this] { return clock.Local(services.wall_clock()); }, [this] { return platform.scheduler().now() - started; }}};
  RebootSchedule reboot{platform.scheduler(), monitor};
  EventLog event_log{monitor};
  InterfaceCounters counters;
  AlgorithmWatch algorithms{platform.scheduler(), [this](Time now) { return LiveAlgorithms(now); }};
  CardHost card{{services.card, platform.scheduler(), monitor, [this] { return clock.Local(services.wall_clock()); }}};
  std::function<void()> on_commit;
  Aaa aaa{platform, services.random, monitor, config.aaa, config.system.sysname};
  AclTable acls{[this] { return clock.Local(services.wall_clock()); }};
  Scheduler::TimerId minute = 0;  // armed while there are time ranges
  Scheduler::TimerId tunnels_timer = 0;
  Scheduler::TimerId left_out = 0;  // armed while the log leaves records out
  dvpn::SessionHistory history;  // before the tunnels, which tell it of their sessions
  AppliedTunnels tunnels{{platform, services.crypto, services.random, aaa, event_log, monitor, history,
                          [this](int number, const ipsec::AclPacket& packet) {
                            ipsec::Acl* acl = acls.Find(number);  // a list that is not there permits nothing
                            return acl != nullptr && acl->Match(packet).decision == ipsec::AclDecision::kPermit;
                          },
                          [this] { FollowTunnelsSoon(); },
                          services.wall_clock,
                          services.saved}};
  DvpnOverview dvpn_overview{
      {tunnels.hosts(), config.dvpn, config.interfaces, config.system.sysname, history, platform.scheduler()}};
  AppliedInterfaces interfaces{platform, tunnels, monitor};
  AppliedRoutes routes{platform};
  IpsecHost ipsec{{platform, tunnels.crypto(), services.random, [this](int number) { return acls.Find(number); },
                   [this](const std::string& peer) { return config.ike.RemoteOf(peer); }, monitor, services.card}};
  IkeLog ike_log{monitor, [this] { return platform.scheduler().now(); }};
  IkeHost ike{{platform, services.random, ipsec.gateway(), services.wall_clock,
               [this](ipsec::ike::IkeTopic topic) { return ike_log.Wants(topic); },
               [this](const ipsec::ike::IkeEvent& event) {
                 ike_log.OnEvent(event);
                 if (event.what == ipsec::ike::IkeEventKind::kEstablished) algorithms.Soon();
               },
               [this](const std::string& why) { monitor.Log(Severity::kErrors, "IKE", "TROUBLE", why); }}};
};

struct Device::Impl : Engines {
  using Engines::Engines;

  Status Apply(const Delta& delta);  // engines and platform, as far as they can refuse
  void Start(const Delta& all);      // the same for a device that must come up: what is refused is logged
  void Follow(const Delta& delta);   // those that cannot
  Status Commit(configdb::Edit& edit);
  void OnPlatformChange();
  void WatchUsers();
  void CutUser(const std::string& tunnel, Ipv4 peer);
  SavedParts Save();  // in device/saved.cc, as the other way
  Status Restore();   // what has no engine of its own to take it out of services.saved
  void LogKeeping(const std::vector<KeepingNote>& notes);  // each once

  std::set<std::string> kept_notes;

  CommitGuard guard{{store, platform.scheduler(), monitor, services.wall_clock,
                     [this](configdb::Edit& edit) { return Commit(edit); }}};
};

}  // namespace sw::device
