// A platform that does what another one does, for tests that change one thing about it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/platform.h"

namespace sw::testing {

class WrappedPlatform : public device::Platform {
 public:
  explicit WrappedPlatform(device::Platform& inner) : inner_(inner) {}  // outlives this

  Scheduler& scheduler() override { return inner_.scheduler(); }
  PacketPool& packets() override { return inner_.packets(); }
  Status SetInterface(const device::InterfaceSettings& settings) override { return inner_.SetInterface(settings); }
  Status RemoveInterface(const std::string& name) override { return inner_.RemoveInterface(name); }
  std::vector<device::InterfaceStatus> interfaces() const override { return inner_.interfaces(); }
  Status AddRoute(const device::StaticRoute& route) override { return inner_.AddRoute(route); }
  Status RemoveRoute(const device::StaticRoute& route) override { return inner_.RemoveRoute(route); }
  std::optional<device::InterfaceStatus> interface(const std::string& name) const override {
    return inner_.interface(name);
  }
  std::vector<device::RouteEntry> routes() const override { return inner_.routes(); }
  Result<std::unique_ptr<device::TunnelPort>> OpenTunnel(const std::string& name, int mtu,
                                                         device::PacketHandler handler) override {
    return inner_.OpenTunnel(name, mtu, std::move(handler));
  }
  Result<std::unique_ptr<device::UdpPort>> OpenUdp(Endpoint local, device::DatagramHandler handler) override {
    return inner_.OpenUdp(local, std::move(handler));
  }
  Result<std::unique_ptr<device::RawIpPort>> OpenRawIp(std::uint8_t protocol, device::PacketHandler handler) override {
    return inner_.OpenRawIp(protocol, std::move(handler));
  }
  bool HasAddress(Ipv4 address) const override { return inner_.HasAddress(address); }
  std::optional<device::Exit> ExitTo(Ipv4 destination) const override { return inner_.ExitTo(destination); }
  std::size_t workers() const override { return inner_.workers(); }
  Result<std::unique_ptr<device::DataPath>> OpenDataPath(device::TunnelPort& tunnel, device::UdpPort& udp,
                                                         dvpn::FastPath& fast,
                                                         device::DataPathHandlers handlers) override {
    return inner_.OpenDataPath(tunnel, udp, fast, std::move(handlers));
  }
  Result<std::unique_ptr<device::ProtectionPort>> OpenProtection(const std::string& interface,
                                                                 device::ProtectionHandlers handlers) override {
    return inner_.OpenProtection(interface, std::move(handlers));
  }
  Result<std::unique_ptr<device::EchoPort>> OpenEcho(std::function<void(const device::EchoReply&)> handler) override {
    return inner_.OpenEcho(std::move(handler));
  }
  void OnChange(std::function<void()> handler) override { inner_.OnChange(std::move(handler)); }

 private:
  device::Platform& inner_;
};

}  // namespace sw::testing
