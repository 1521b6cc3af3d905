// The ports of a device on Linux, between kernel descriptors and the handlers of the device. A handler may drop the
// port that calls it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "device/event_loop.h"
#include "device/platform.h"
#include "hal/ports/echo_socket.h"
#include "hal/ports/raw_ip.h"
#include "hal/ports/route_mirror.h"
#include "hal/ports/tun.h"
#include "hal/ports/udp.h"

namespace sw::device {

class LinuxTunnelPort final : public TunnelPort {
 public:
  struct Hooks {
    std::function<void()> before_burst;                                         // brings the mirror up to date
    std::function<void()> closed;                                               // after the device is gone
    std::function<Result<std::pair<std::unique_ptr<hal::Tun>, int>>()> reopen;  // with the index of its link
  };
  LinuxTunnelPort(EventLoop& loop, PacketPool& packets, const hal::RouteMirror& mirror, std::unique_ptr<hal::Tun> tun,
                  int link, PacketHandler handler, Hooks hooks);
  ~LinuxTunnelPort() override;
  void Deliver(std::vector<PacketPtr>& burst) override { (void)tun_->Write(burst); }
  bool gone() const { return mirror_.Link(link_) == nullptr; }  // somebody else removed the device
  Status Reopen();                                              // as it was set; kBusy: not now
  // Whoever works on the device itself: `stop` before it is made again, `start` after that. One; null: nobody.
  struct User {
    std::function<void()> stop, start;
  };
  void SetUser(User user) { user_ = std::move(user); }
  const hal::Tun& tun() const { return *tun_; }
  void Listen(bool on);  // to the device; off while a data path does
  void BeforeBurst() { hooks_.before_burst(); }
  std::optional<Ipv4> Find(Ipv4 destination) const override { return mirror_.NextHop(destination, link_); }

 private:
  void Ready();
  EventLoop& loop_;
  PacketPool& packets_;
  const hal::RouteMirror& mirror_;
  std::unique_ptr<hal::Tun> tun_;
  int link_;
  std::shared_ptr<PacketHandler> handler_;
  Hooks hooks_;
  User user_;
  std::unique_ptr<EventLoop::Watch> watch_;
};

class LinuxUdpPort final : public UdpPort {
 public:
  LinuxUdpPort(EventLoop& loop, PacketPool& packets, std::unique_ptr<hal::UdpSocket> socket, DatagramHandler handler);
  Endpoint local() const override { return socket_->local(); }
  std::size_t Send(std::vector<dvpn::Datagram>& burst) override;
  std::string why_refused() const override { return why_refused_; }
  void OnLarge(LargeHandler handler) override { large_ = std::make_shared<LargeHandler>(std::move(handler)); }
  bool SendLarge(Endpoint to, ByteView bytes) override;
  hal::UdpSocket& socket() { return *socket_; }

 private:
  void Ready();
  void SendProbe(dvpn::Datagram probe);
  PacketPool& packets_;
  std::unique_ptr<hal::UdpSocket> socket_;
  std::shared_ptr<DatagramHandler> handler_;
  std::shared_ptr<LargeHandler> large_;
  std::string why_refused_;
  std::vector<hal::UdpDatagram> sending_, received_, probes_;  // kept for their room
  std::unique_ptr<EventLoop::Watch> watch_;
};

// Sends without a mark: the policy rules of protected ports see its packets like any other program's.
class LinuxRawIpPort final : public RawIpPort {
 public:
  LinuxRawIpPort(EventLoop& loop, PacketPool& packets, const hal::RouteMirror& mirror,
                 std::unique_ptr<hal::RawIpSocket> socket, PacketHandler handler);
  std::size_t Send(std::vector<PacketPtr>& burst) override;

 private:
  void Ready();
  PacketPool& packets_;
  const hal::RouteMirror& mirror_;
  std::unique_ptr<hal::RawIpSocket> socket_;
  std::shared_ptr<PacketHandler> handler_;
  std::unique_ptr<EventLoop::Watch> watch_;
};

class LinuxEchoPort final : public EchoPort {
 public:
  // The link of the machine behind an interface; empty: there is none.
  using LinkOf = std::function<std::string(const std::string& interface)>;
  LinuxEchoPort(EventLoop& loop, const hal::RouteMirror& mirror, std::unique_ptr<hal::EchoSocket> socket,
                LinkOf link_of, std::function<void(const EchoReply&)> handler);
  Status Send(const EchoRequest& request) override;

 private:
  void Ready();
  const hal::RouteMirror& mirror_;
  std::unique_ptr<hal::EchoSocket> socket_;
  const LinkOf link_of_;
  std::shared_ptr<std::function<void(const EchoReply&)>> handler_;
  std::unique_ptr<EventLoop::Watch> watch_;
};

}  // namespace sw::device
