// IPsec on Linux without the kernel's: the flows that may be protected are routed into a TUN device of ours.
//
// Policy rules send what goes to a protected prefix, and what comes in clear from one to be forwarded, into that
// device; what is sealed, or passes in clear after all, goes out by a raw socket under a mark that those rules let
// through. ESP and AH arrive by raw sockets. All of it goes when the last port does. What comes in clear for this
// machine itself is delivered by the kernel before any rule: only forwarded packets are checked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/event_loop.h"
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
  static constexpr std::uint32_t kOutTable = 8800;      // routes to what is protected
  static constexpr std::uint32_t kFirstInTable = 8801;  // and one for each port: all of it into its device

  LinuxProtection(EventLoop& loop, PacketPool& packets, hal::Netlink& netlink, hal::RouteMirror& mirror)
      : loop_(loop), packets_(packets), netlink_(netlink), mirror_(mirror) {}
  ~LinuxProtection() { Stop(); }

  // `link`: the kernel's name of the port.
  Result<std::unique_ptr<ProtectionPort>> Open(const std::string& link, ProtectionHandlers handlers);

 private:
  friend class LinuxProtectionPort;
  Status Start();
  void Stop();
  void Receive(hal::RawIpSocket& socket);

  EventLoop& loop_;
  PacketPool& packets_;
  hal::Netlink& netlink_;
  hal::RouteMirror& mirror_;
  std::vector<LinuxProtectionPort*> ports_;
  std::vector<hal::KernelRule> rules_;
  std::unique_ptr<hal::RawIpSocket> sender_, esp_, ah_;
  std::unique_ptr<EventLoop::Watch> esp_watch_, ah_watch_;
  std::uint32_t last_table_ = kFirstInTable;
};

class LinuxProtectionPort final : public ProtectionPort {
 public:
  LinuxProtectionPort(LinuxProtection& shared, std::string link, std::unique_ptr<hal::Tun> tun, int tun_link,
                      std::uint32_t table, ProtectionHandlers handlers);
  ~LinuxProtectionPort() override;
  void Send(std::vector<PacketPtr>& burst) override;
  void Deliver(std::vector<PacketPtr>& burst) override { (void)tun_->Write(burst); }
  void SetFlows(const std::vector<Prefix>& remote) override;
  const ProtectionHandlers& handlers() const { return *handlers_; }

 private:
  void Ready();
  LinuxProtection& shared_;
  const std::string link_;
  std::unique_ptr<hal::Tun> tun_;
  const int tun_link_;
  const std::uint32_t table_;
  const std::shared_ptr<ProtectionHandlers> handlers_;
  std::vector<Prefix> flows_;
  std::vector<hal::KernelRoute> routes_;
  std::vector<hal::KernelRule> rules_;
  std::unique_ptr<EventLoop::Watch> watch_;
};

}  // namespace sw::device
