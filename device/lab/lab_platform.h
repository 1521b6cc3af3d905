// A Platform without an operating system: one node of a lab, on its own small IP stack and on virtual links.
//
// GigabitEthernet interfaces exist once AddPort has joined them to a link. Handlers are called by the scheduler, never
// from inside a call into the platform. UDP datagrams are sent without DF and fragmented where a link is too small.
// Scheduler, pool and links outlive the platform; the platform outlives its ports.
#pragma once

#include <memory>
#include <string>

#include "device/platform.h"
#include "hal/ports/virtual_link.h"

namespace sw::device {

class LabPlatform final : public Platform {
 public:
  static constexpr int kMtu = 1500;  // of a port and a LoopBack; also the most that can be set

  LabPlatform(Scheduler& scheduler, PacketPool& packets);
  ~LabPlatform() override;

  // `name` is GigabitEthernet0/N. kExists: it is joined already. `mtu` is what the port has unless it is told another.
  Status AddPort(const std::string& name, hal::VirtualLink& link, const hal::Impairment& cable,
                 std::array<std::uint8_t, 6> mac, int mtu = kMtu);
  // Pulls the plug or puts it back; kNotFound: no such port.
  Status SetCable(const std::string& name, bool plugged);

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
  Result<std::unique_ptr<EchoPort>> OpenEcho(std::function<void(const EchoReply&)> handler) override;
  Result<std::unique_ptr<ProtectionPort>> OpenProtection(const std::string& interface,
                                                         ProtectionHandlers handlers) override;
  void OnChange(std::function<void()> handler) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::device
