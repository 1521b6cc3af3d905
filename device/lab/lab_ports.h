// The ports of a lab node: tunnel, raw IP, UDP and ICMP echo, between its IP stack and the handlers of the device.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "device/lab/deferred.h"
#include "device/lab/ip_stack.h"

namespace sw::device {

class LabUdpPort;
class LabRawIpPort;
class LabProtectionPort;
class LabEchoPort;

// What a node's ports share. Ports enter themselves here and leave when they go.
struct LabNode {
  LabNode(Scheduler& s, PacketPool& p);

  Scheduler& scheduler;
  PacketPool& packets;
  Interfaces interfaces;
  std::map<Endpoint, LabUdpPort*> udp;
  std::map<std::uint8_t, LabRawIpPort*> raw;   // by protocol
  std::map<std::uint16_t, LabEchoPort*> echo;  // by ICMP identifier
  std::vector<LabProtectionPort*> protections;
  IpStack stack;
};

class LabTunnelPort final : public TunnelPort {
 public:
  // `interface` is in node.interfaces; `closed` takes it out again.
  LabTunnelPort(LabNode& node, Interface& interface, PacketHandler handler, std::function<void()> closed);
  ~LabTunnelPort() override;
  void Deliver(std::vector<PacketPtr>& burst) override;
  std::optional<Ipv4> Find(Ipv4 destination) const override;

 private:
  LabNode& node_;
  Interface& interface_;
  Deferred<PacketPtr> outbox_;
  std::function<void()> closed_;
};

class LabProtectionPort final : public ProtectionPort {
 public:
  LabProtectionPort(LabNode& node, std::string interface, ProtectionHandlers handlers);
  ~LabProtectionPort() override;
  void Send(std::vector<PacketPtr>& burst) override;
  void Deliver(std::vector<PacketPtr>& burst) override;
  void SetFlows(const std::vector<Prefix>&) override {}  // everything is shown
  void Secured(PacketPtr packet) { (void)secured_.Push(std::move(packet)); }
  void TooLarge(ByteView quoted, std::size_t mtu) { too_large_(quoted, mtu); }

 private:
  LabNode& node_;
  const std::string interface_;
  std::function<void(ByteView, std::size_t)> too_large_;
  Deferred<PacketPtr> outbound_, inbound_, secured_;
};

class LabRawIpPort final : public RawIpPort {
 public:
  LabRawIpPort(LabNode& node, std::uint8_t protocol, PacketHandler handler);
  ~LabRawIpPort() override;
  std::size_t Send(std::vector<PacketPtr>& burst) override;
  void Take(PacketPtr packet) { (void)inbox_.Push(std::move(packet)); }

 private:
  LabNode& node_;
  const std::uint8_t protocol_;
  Deferred<PacketPtr> inbox_;
};

class LabUdpPort final : public UdpPort {
 public:
  LabUdpPort(LabNode& node, Endpoint local, DatagramHandler handler);
  ~LabUdpPort() override;
  Endpoint local() const override { return local_; }
  std::size_t Send(std::vector<dvpn::Datagram>& burst) override;
  void Take(dvpn::Datagram datagram) { (void)inbox_.Push(std::move(datagram)); }

 private:
  Status SendOne(dvpn::Datagram datagram);
  LabNode& node_;
  const Endpoint local_;
  Deferred<dvpn::Datagram> inbox_;
};

class LabEchoPort final : public EchoPort {
 public:
  static constexpr std::size_t kMaxSize =
      Packet::kRoom - Packet::kHeadroom - hal::kIpv4HeaderSize - hal::kIcmpHeaderSize;

  LabEchoPort(LabNode& node, std::uint16_t id, std::function<void(const EchoReply&)> handler);
  ~LabEchoPort() override;
  Status Send(const EchoRequest& request) override;
  void Take(const EchoReply& reply) { (void)inbox_.Push(reply); }
  void TakeDatagram(const hal::Ipv4Header& header, const hal::EchoResult& result);  // an error about anybody's

 private:
  Status CheckWay(const EchoRequest& request) const;
  PacketPtr Message(const EchoRequest& request);
  std::uint16_t datagram_port() const { return static_cast<std::uint16_t>(id_ | 0xc000); }  // they come from
  LabNode& node_;
  const std::uint16_t id_;
  std::uint16_t probed_port_ = 0, probed_sequence_ = 0;
  Deferred<EchoReply> inbox_;
};

}  // namespace sw::device
