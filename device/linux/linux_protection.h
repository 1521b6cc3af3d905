// IPsec on Linux without the kernel's: the flows that may be protected are routed into TUN devices of ours.
//
// Policy rules send what goes to a protected prefix into one device of the port (`ipsec2`, 2 being the port's index),
// and what comes in clear from one into the other (`ipsec2in`), also when it is for this machine: while a port is open
// the kernel's rule for the local table stands after ours instead of first. What is sealed, or passes in clear after
// all, goes out by a raw socket under a mark that those rules let through; what may come in is written into
// the first device, whence the kernel's routes to its source expect it. The kernel hands over what comes in only where
// it may forward, so the port forwards while it is open; on a machine that does not, a rule stops all transit there.
// ESP and AH arrive by raw sockets. All of it goes when the last port does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/event_loop.h"
#include "device/linux/found.h"
#include "device/linux/sysctl.h"
#include "device/platform.h"
#include "hal/ports/netlink.h"
#include "hal/ports/raw_ip.h"
#include "hal/ports/route_mirror.h"
#include "hal/ports/tun.h"

namespace sw::device {

class LinuxProtectionPort;

// What all protected ports of a device share.
class LinuxProtection {
 public:
  static constexpr std::uint32_t kMark = 0x8800;
  static constexpr std::uint32_t kFirstRule = 8800;     // priorities of our rules: this and the next ones
  static constexpr std::uint32_t kInRule = 8797;        // what comes in clear from a protected prefix
  static constexpr std::uint32_t kLocalRule = 8798;     // the kernel's rule for the local table, which is 0 without us
  static constexpr std::uint32_t kTransitRule = 8799;   // none, where the machine does not forward
  static constexpr std::uint32_t kOutTable = 8800;      // routes to what is protected
  static constexpr std::uint32_t kFirstInTable = 8801;  // and one for each port: all of it into its device

  struct Parts {  // all of them outlive this
    EventLoop& loop;
    PacketPool& packets;
    hal::Netlink& netlink;
    hal::RouteMirror& mirror;
    Found& found;
    std::function<bool(const std::string& what)> may_mend;  // what somebody else took away
    std::function<bool(const std::string& what)> rests;     // was given up
  };
  explicit LinuxProtection(Parts parts)
      : loop_(parts.loop),
        packets_(parts.packets),
        netlink_(parts.netlink),
        mirror_(parts.mirror),
        found_(parts.found),
        may_mend_(std::move(parts.may_mend)),
        rests_(std::move(parts.rests)) {}
  ~LinuxProtection() { Stop(); }

  // `link`: the kernel's name of the port.
  Result<std::unique_ptr<ProtectionPort>> Open(const std::string& link, ProtectionHandlers handlers);
  // Devices that are gone, links that came again and, with `rules`, rules and routes of our tables that are gone.
  void Mend(bool rules);
  static void Sweep(hal::Netlink& netlink);  // the rules that a killed predecessor left

 private:
  friend class LinuxProtectionPort;
  void MendRule(const hal::KernelRule& rule);
  void MendRoute(const hal::KernelRoute& route);
  // A TUN device that is up, with its index.
  Result<std::pair<std::unique_ptr<hal::Tun>, int>> Device(const std::string& name, int mtu);
  Status Start();
  void Stop();
  void Receive(hal::RawIpSocket& socket);

  EventLoop& loop_;
  PacketPool& packets_;
  hal::Netlink& netlink_;
  hal::RouteMirror& mirror_;
  Found& found_;
  const std::function<bool(const std::string&)> may_mend_, rests_;
  std::vector<LinuxProtectionPort*> ports_;
  std::vector<hal::KernelRule> rules_;
  std::unique_ptr<hal::RawIpSocket> sender_, esp_, ah_;
  std::unique_ptr<EventLoop::Watch> esp_watch_, ah_watch_;
  std::uint32_t last_table_ = kFirstInTable;
};

class LinuxProtectionPort final : public ProtectionPort {
 public:
  // On `link`, whose index is `index`; `table` leads everything into the device of what comes in.
  LinuxProtectionPort(LinuxProtection& shared, std::string link, int index, std::uint32_t table,
                      ProtectionHandlers handlers);
  Status OpenDevices(int mtu);  // where the rules bring what leaves and what comes in; again when they are gone
  Status SetForwarding();       // of the link, also of one that came again
  void Mend(bool rules);
  ~LinuxProtectionPort() override;
  void Send(std::vector<PacketPtr>& burst) override;
  void Deliver(std::vector<PacketPtr>& burst) override { (void)out_->Write(burst); }
  void SetFlows(const std::vector<Prefix>& remote) override;
  const ProtectionHandlers& handlers() const { return *handlers_; }

 private:
  void Leaving();
  void Coming();
  std::vector<PacketPtr> Read(hal::Tun& tun);
  LinuxProtection& shared_;
  const std::string link_;
  const std::string name_;  // of the devices
  int link_index_;
  std::unique_ptr<hal::Tun> out_, in_;
  int out_link_ = 0, in_link_ = 0;
  const std::uint32_t table_;
  std::optional<Sysctl> forwarding_;
  const hal::KernelRule no_transit_;
  const std::shared_ptr<ProtectionHandlers> handlers_;
  std::vector<Prefix> flows_;
  hal::KernelRoute all_in_;  // what comes in from a protected prefix
  std::vector<hal::KernelRoute> routes_;
  std::vector<hal::KernelRule> rules_;
  std::unique_ptr<EventLoop::Watch> out_watch_, in_watch_;
};

}  // namespace sw::device
