// The inside of the Linux platform, shared by linux_platform.cc and linux_interfaces.cc; not for others.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/linux/found.h"
#include "device/linux/kernel_routes.h"
#include "device/linux/linux_platform.h"
#include "device/linux/linux_protection.h"
#include "device/linux/mender.h"
#include "device/linux/sysctl.h"
#include "dvpn/fast_path.h"

namespace sw::device {

// One of our interfaces, and what its link was before we touched it.
struct Bound {
  InterfaceSettings settings;
  InterfaceKind kind = InterfaceKind::kNull;
  std::string link;                      // the kernel's name
  bool link_ours = false;                // a VLAN link or a TUN device that we made
  std::vector<hal::KernelAddress> ours;  // addresses that we added
  int index = 0;                         // of the link; 0: it is not there
  bool stands = false;                   // all of the settings could be set
  std::optional<int> mtu_before;
  std::optional<bool> up_before;
};

Status CheckPorts(const std::map<std::string, std::string>& ports);

class LinuxDataPath;
class LinuxTunnelPort;

struct LinuxPlatform::Impl {
  Impl(EventLoop& l, LinuxOptions o) : loop(l), options(std::move(o)) {}
  ~Impl();

  EventLoop& loop;
  LinuxOptions options;
  Found found;                          // before whatever is put back
  std::vector<PlatformNotice> notices;  // before anybody listened
  std::function<void(const PlatformNotice&)> notice;
  Mender mender{{[this](const std::string& text, bool gives_up) {
                   Say(gives_up ? Severity::kErrors : Severity::kWarnings, gives_up ? "GIVENUP" : "MENDED", text);
                 },
                 [this](Time when) { MendAt(when); }}};
  PacketPool packets;
  std::unique_ptr<hal::Netlink> netlink;
  std::unique_ptr<hal::RouteMirror> mirror;
  std::unique_ptr<KernelRoutes> routes;
  std::map<std::string, Bound> interfaces;
  std::unique_ptr<LinuxProtection> protection;  // once it is wanted
  std::optional<Sysctl> forwarding;
  std::function<void()> on_change;
  std::set<LinuxDataPath*> data_paths;
  std::set<dvpn::FastPath*> fast_paths;  // they learned from the routes
  std::map<std::string, LinuxTunnelPort*> tunnels;
  Scheduler::TimerId mend_timer = 0;
  Time mend_at = Time::Never();
  bool rules_gone = false, links_changed = false;  // since we last looked
  std::uint16_t last_echo = 0;
  std::unique_ptr<EventLoop::Watch> watch;

  void Say(Severity severity, std::string_view digest, std::string text);
  void TakeEvents();
  void Settle();
  // What is not as it was set, on links that went and came too. In linux_mending.cc.
  void MendAt(Time when);
  void Mend();
  void Mend(Bound& bound);
  void PutBack(const std::string& what, const std::string& was);  // of a predecessor
  bool May(const std::string& what) { return mender.May(what, loop.now()); }
  Status SetForwarding(bool on);
  Result<std::unique_ptr<hal::Tun>> OpenTun(const std::string& name) const;
  Result<std::pair<std::unique_ptr<hal::Tun>, int>> ReopenTun(const std::string& name);
  void ForgetRoutes() const {
    for (dvpn::FastPath* fast : fast_paths) fast->ForgetRoutes();
  }
  Result<Bound*> Bind(const InterfaceSettings& settings);
  Result<std::string> LinkName(const InterfaceName& name, const std::string& full) const;
  Status MakeVlan(const InterfaceSettings& settings, const InterfaceName& name, Bound& bound);
  Status ApplyLink(Bound& bound);
  struct WantedLink {
    int mtu = 0;
    bool up = false;
  };
  WantedLink Wanted(const Bound& bound, const hal::KernelLink& link) const;
  // `ask`: what is missing is asked for first, because somebody else took it away.
  Status ApplyAddresses(Bound& bound, bool ask = false);
  void Release(Bound& bound);
  std::string NameOf(int link) const;
  std::string LinkNameOf(const std::string& interface) const;  // empty: there is no such interface here
  InterfaceStatus StatusOf(const std::string& name, const hal::KernelLink* link) const;
  std::optional<int> LinkOf(const std::string& interface) const;
};

}  // namespace sw::device
