// A Platform on the Linux kernel: links, addresses and routes over netlink, TUN devices, UDP and ICMP sockets.
//
// GigabitEthernet0/N is the existing link that the options bind to it; GigabitEthernet0/N.S a VLAN link on it, called
// "link.S"; TunnelN a TUN device of that name; LoopBackN an address on `lo`; NULL0 a blackhole route. Static routes
// carry the protocol number hal::kOurProtocol and their preference as metric; addresses carry it too, VLAN links an
// alias. What was added is removed by the destructor, MTU and state of links are put back; what was there before, or
// comes from others, stays. What a killed predecessor left (same marks) is taken over when it is asked for again.
//
// A static route whose next hop cannot be reached waits and is tried again after every change. Routes to one
// destination with one preference become one multipath route. Needs CAP_NET_ADMIN, for ping CAP_NET_RAW. One thread:
// the loop's.
//
// A port's link may come later, go, and come again: what is set is set on it as soon as it is there. What somebody else
// takes away of ours (addresses, VLAN links, TUN devices, routes, rules) is put back at once, a few times
// (device/linux/mender.h). That a port is set down, or its link unplugged, is not mended: it is the operator's way to
// say so. What was found before is noted in a file, for the case that the process is killed (device/linux/found.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/event_loop.h"
#include "device/log/info_center.h"
#include "device/platform.h"

namespace sw::device {

struct LinuxOptions {
  std::map<std::string, std::string> ports;  // GigabitEthernet0/0 -> eth0
  // Lets the kernel forward between its interfaces (net.ipv4.ip_forward) and accept on tunnels what would leave
  // elsewhere (rp_filter 2), for as long as the platform lives. Off: both stay as the machine has them.
  bool forwarding = false;
  std::size_t workers = 0;  // of each tunnel's data path; 0: the loop's thread carries its traffic
  std::vector<int> cpus{};  // the workers are pinned to these in turn; empty: not pinned
  bool held = false;        // data paths wait for GoOn()
  std::string found{};      // the file of what was there before; empty: it is not kept
};

// Something to be told in the log.
struct PlatformNotice {
  Severity severity = Severity::kNotifications;
  std::string_view digest;
  std::string text;
};

class LinuxPlatform final : public Platform {
 public:
  // kBadValue: a name that is not a port; kDevice: no netlink. A link that is not there is waited for.
  static Result<std::unique_ptr<LinuxPlatform>> Open(EventLoop& loop, LinuxOptions options);
  ~LinuxPlatform() override;

  // Those so far, and each from now on.
  void OnNotice(std::function<void(const PlatformNotice&)> notice);
  // Everything is set that will be set at the start: what a predecessor left beside that is put back.
  void Settled();
  // Other ports and another forwarding from now on; the rest of the options stays. kBadValue as in Open.
  Status Adopt(const std::map<std::string, std::string>& ports, bool forwarding);

  // For a successor: the data paths stop where they are, what is set in the kernel stays. Then either this process ends
  // without a destructor, or it goes on: what a successor may have done to the notes of what was found is undone.
  void Hold();
  void GoOn();

  Scheduler& scheduler() override;
  PacketPool& packets() override;
  Status SetInterface(const InterfaceSettings& settings) override;
  Status RemoveInterface(const std::string& name) override;
  std::vector<InterfaceStatus> interfaces() const override;
  std::optional<InterfaceStatus> interface(const std::string& name) const override;
  Status AddRoute(const StaticRoute& route) override;
  Status RemoveRoute(const StaticRoute& route) override;
  std::vector<RouteEntry> routes() const override;
  Result<std::unique_ptr<TunnelPort>> OpenTunnel(const std::string& name, int mtu, PacketHandler handler) override;
  Result<std::unique_ptr<UdpPort>> OpenUdp(Endpoint local, DatagramHandler handler) override;
  Result<std::unique_ptr<RawIpPort>> OpenRawIp(std::uint8_t protocol, PacketHandler handler) override;
  bool HasAddress(Ipv4 address) const override;
  std::optional<Exit> ExitTo(Ipv4 destination) const override;
  std::size_t workers() const override;
  Result<std::unique_ptr<DataPath>> OpenDataPath(TunnelPort& tunnel, UdpPort& udp, dvpn::FastPath& fast,
                                                 DataPathHandlers handlers) override;
  Result<std::unique_ptr<EchoPort>> OpenEcho(std::function<void(const EchoReply&)> handler) override;
  Result<std::unique_ptr<ProtectionPort>> OpenProtection(const std::string& interface,
                                                         ProtectionHandlers handlers) override;
  void OnChange(std::function<void()> handler) override;

 private:
  struct Impl;
  explicit LinuxPlatform(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::device
