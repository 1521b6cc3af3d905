// The inside of the Linux platform, shared by linux_platform.cc and linux_interfaces.cc; not for others.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/linux/kernel_routes.h"
#include "device/linux/linux_platform.h"
#include "device/linux/linux_protection.h"
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
  std::optional<int> mtu_before;
  std::optional<bool> up_before;
};

struct LinuxPlatform::Impl {
  Impl(EventLoop& l, LinuxOptions o) : loop(l), options(std::move(o)) {}
  ~Impl();

  EventLoop& loop;
  const LinuxOptions options;
  PacketPool packets;
  std::unique_ptr<hal::Netlink> netlink;
  std::unique_ptr<hal::RouteMirror> mirror;
  std::unique_ptr<KernelRoutes> routes;
  std::map<std::string, Bound> interfaces;
  std::unique_ptr<LinuxProtection> protection;  // once it is wanted
  std::vector<Sysctl> sysctls;
  std::function<void()> on_change;
  std::set<dvpn::FastPath*> fast_paths;  // they learned from the routes
  Scheduler::TimerId change_timer = 0;
  std::uint16_t last_echo = 0;
  std::unique_ptr<EventLoop::Watch> watch;

  void TakeEvents();
  void Settle();
  void ForgetRoutes() const {
    for (dvpn::FastPath* fast : fast_paths) fast->ForgetRoutes();
  }
  Result<Bound*> Bind(const InterfaceSettings& settings);
  Result<std::string> LinkName(const InterfaceName& name, const std::string& full) const;
  Status MakeVlan(const InterfaceSettings& settings, const InterfaceName& name, Bound& bound);
  Status ApplyLink(Bound& bound);
  Status ApplyAddresses(Bound& bound);
  void Release(Bound& bound);
  std::string NameOf(int link) const;
  std::string LinkNameOf(const std::string& interface) const;  // empty: there is no such interface here
  InterfaceStatus StatusOf(const std::string& name, const hal::KernelLink* link) const;
  std::optional<int> LinkOf(const std::string& interface) const;
};

}  // namespace sw::device
