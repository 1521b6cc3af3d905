// The parts of one device and how they are wired. For device/device*.cc only; everybody else includes device/device.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "device/card/host.h"
#include "device/device.h"
#include "device/dvpn/tunnels.h"
#include "device/ike/host.h"
#include "device/ike/log.h"
#include "device/interface/applied.h"
#include "device/interface/interface_counters.h"
#include "device/ipsec/host.h"
#include "device/log/event_log.h"
#include "device/log/log_sender.h"
#include "device/route/applied.h"

namespace sw::device {

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
  void FollowTunnels();
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
  RebootSchedule reboot{platform.scheduler(), monitor};
  EventLog event_log{monitor};
  InterfaceCounters counters;
  CardHost card{{services.card, platform.scheduler(), monitor, [this] { return clock.Local(services.wall_clock()); }}};
  std::function<void()> on_commit;
  Aaa aaa{platform, services.random, monitor, config.aaa, config.sysname};
  AclTable acls{[this] { return clock.Local(services.wall_clock()); }};
  Scheduler::TimerId minute = 0;  // armed while there are time ranges
  dvpn::SessionHistory history;   // before the tunnels, which tell it of their sessions
  AppliedTunnels tunnels{{platform, services.crypto, services.random, aaa, event_log, monitor, history,
                          [this](int number, const ipsec::AclPacket& packet) {
                            ipsec::Acl* acl = acls.Find(number);  // a list that is not there permits nothing
                            return acl != nullptr && acl->Match(packet).decision == ipsec::AclDecision::kPermit;
                          },
                          [this] { FollowTunnels(); }}};
  AppliedInterfaces interfaces{platform, tunnels, monitor};
  AppliedRoutes routes{platform};
  IpsecHost ipsec{{platform, tunnels.crypto(), services.random, acls, monitor, services.card}};
  IkeLog ike_log{monitor, [this] { return platform.scheduler().now(); }};
  IkeHost ike{{platform, services.random, ipsec.gateway(), services.wall_clock,
               [this](ipsec::ike::IkeTopic topic) { return ike_log.Wants(topic); },
               [this](const ipsec::ike::IkeEvent& event) { ike_log.OnEvent(event); },
               [this](const std::string& why) { monitor.Log(Severity::kErrors, "IKE", "TROUBLE", why); }}};
  CommitGuard guard{{store, platform.scheduler(), monitor, services.wall_clock,
                     [this](configdb::Edit& edit) { return Commit(edit); }}};
};

}  // namespace sw::device
