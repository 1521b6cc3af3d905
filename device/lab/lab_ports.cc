#include "device/lab/lab_ports.h"

#include "device/ping/echo_answer.h"

#include <algorithm>

namespace sw::device {

using hal::EchoResult;
using hal::IcmpType;
using hal::Ipv4Header;
using hal::kIcmpHeaderSize;
using hal::kUdpHeaderSize;

namespace {

// False when nobody has the port. A datagram that contradicts itself is dropped, whoever it is for.
bool DeliverUdp(LabNode& node, const Ipv4Header& header, PacketPtr& packet) {
  const ByteView datagram = ByteView(packet->data()).subspan(header.header_length);
  if (datagram.size() < kUdpHeaderSize) return true;
  const std::size_t length = Load16(&datagram[4]);
  if (length < kUdpHeaderSize || length > datagram.size()) return true;
  const bool summed = Load16(&datagram[6]) != 0;
  // Over a datagram with its checksum in place a correct sum comes out as all ones.
  if (summed && hal::UdpChecksum(header.source, header.destination, datagram.first(length)) != 0xffff) return true;
  const std::uint16_t port = Load16(&datagram[2]);
  auto it = node.udp.find({header.destination, port});
  if (it == node.udp.end()) it = node.udp.find({Ipv4(), port});
  if (it == node.udp.end()) return false;
  const Endpoint peer{header.source, Load16(&datagram[0])};
  packet->TrimBack(datagram.size() - length);
  packet->TrimFront(header.header_length + kUdpHeaderSize);
  it->second->Take({peer, std::move(packet)});
  return true;
}

void DeliverEcho(LabNode& node, const Ipv4Header& header, const EchoResult& result) {
  if (result.datagram) {
    for (const auto& [id, port] : node.echo) port->TakeDatagram(header, result);
    return;
  }
  auto it = node.echo.find(result.id);
  if (it == node.echo.end()) return;
  it->second->Take({AnswerOf(result), header.source, result.sequence, header.ttl, result.size});
}

}  // namespace

LabNode::LabNode(Scheduler& s, PacketPool& p)
    : scheduler(s),
      packets(p),
      stack(s, p, interfaces,
            {[this](const Ipv4Header& h, PacketPtr& packet) { return DeliverUdp(*this, h, packet); },
             [this](const Ipv4Header& h, const EchoResult& r) { DeliverEcho(*this, h, r); },
             [this](PacketPtr& packet) {
               if (protections.empty()) return false;
               protections.front()->Secured(std::move(packet));
               return true;
             },
             [this](const Ipv4Header& h, PacketPtr& packet) {
               const auto port = raw.find(h.protocol);
               if (port == raw.end()) return false;
               port->second->Take(std::move(packet));
               return true;
             },
             [this](ByteView quoted, std::size_t mtu) {
               if (!protections.empty()) protections.front()->TooLarge(quoted, mtu);
             }}) {}

LabProtectionPort::LabProtectionPort(LabNode& node, std::string interface, ProtectionHandlers handlers)
    : node_(node),
      interface_(std::move(interface)),
      too_large_(std::move(handlers.too_large)),
      outbound_(node.scheduler,
                [this, handler = std::move(handlers.outbound)](std::vector<PacketPtr>& burst) {
                  handler(burst);
                  Send(burst);
                }),
      inbound_(node.scheduler,
               [this, handler = std::move(handlers.inbound)](std::vector<PacketPtr>& burst) {
                 handler(burst);
                 Deliver(burst);
               }),
      secured_(node.scheduler, std::move(handlers.secured)) {
  Interface& port = node_.interfaces.find(interface_)->second;
  port.on_output = [this](PacketPtr packet) { (void)outbound_.Push(std::move(packet)); };
  port.on_input = [this](PacketPtr packet) { (void)inbound_.Push(std::move(packet)); };
  node_.protections.push_back(this);
}

LabProtectionPort::~LabProtectionPort() {
  std::erase(node_.protections, this);
  const auto port = node_.interfaces.find(interface_);
  if (port == node_.interfaces.end()) return;
  port->second.on_output = nullptr;
  port->second.on_input = nullptr;
}

void LabProtectionPort::Send(std::vector<PacketPtr>& burst) {
  for (PacketPtr& packet : burst) node_.stack.SendPast(std::move(packet));
  burst.clear();
}

void LabProtectionPort::Deliver(std::vector<PacketPtr>& burst) {
  for (PacketPtr& packet : burst) node_.stack.InputPast(std::move(packet));
  burst.clear();
}

LabTunnelPort::LabTunnelPort(LabNode& node, Interface& interface, PacketHandler handler, std::function<void()> closed)
    : node_(node), interface_(interface), outbox_(node.scheduler, std::move(handler)), closed_(std::move(closed)) {
  interface_.output = [this](Ipv4, PacketPtr packet) {
    if (!outbox_.Push(std::move(packet))) ++interface_.output_errors;
  };
}

LabTunnelPort::~LabTunnelPort() {
  closed_();
}

void LabTunnelPort::Deliver(std::vector<PacketPtr>& burst) {
  for (PacketPtr& packet : burst) node_.stack.Input(interface_, std::move(packet));
  burst.clear();
}

std::optional<Ipv4> LabTunnelPort::Find(Ipv4 destination) const {
  const auto hop = node_.stack.routes().Find(destination);
  if (!hop || hop->kind != Hop::Kind::kForward || hop->interface != &interface_) return std::nullopt;
  return hop->gateway.empty() ? destination : hop->gateway;
}

LabRawIpPort::LabRawIpPort(LabNode& node, std::uint8_t protocol, PacketHandler handler)
    : node_(node), protocol_(protocol), inbox_(node.scheduler, std::move(handler)) {
  node_.raw.emplace(protocol_, this);
}

LabRawIpPort::~LabRawIpPort() {
  node_.raw.erase(protocol_);
}

std::size_t LabRawIpPort::Send(std::vector<PacketPtr>& burst) {
  std::size_t refused = 0;
  for (PacketPtr& packet : burst)
    if (!node_.stack.SendWhole(std::move(packet)).ok()) ++refused;
  burst.clear();
  return refused;
}

LabUdpPort::LabUdpPort(LabNode& node, Endpoint local, DatagramHandler handler)
    : node_(node), local_(local), inbox_(node.scheduler, std::move(handler)) {
  node_.udp.emplace(local_, this);
}

LabUdpPort::~LabUdpPort() {
  node_.udp.erase(local_);
}

std::size_t LabUdpPort::Send(std::vector<dvpn::Datagram>& burst) {
  std::size_t refused = 0;
  for (dvpn::Datagram& datagram : burst) {
    const bool probe = datagram.dont_fragment;  // one that the link refuses is an answer, not an error
    if (!SendOne(std::move(datagram)).ok() && !probe) ++refused;
  }
  burst.clear();
  return refused;
}

Status LabUdpPort::SendOne(dvpn::Datagram datagram) {
  if (!local_.address.empty() && !node_.stack.IsLocal(local_.address)) {
    return {Code::kNotFound, local_.address.ToString() + " is not up"};
  }
  const ByteSpan front = datagram.packet->Prepend(kUdpHeaderSize);
  if (front.empty()) return {Code::kBadValue, "no headroom for a UDP header"};
  Store16(&front[0], local_.port);
  Store16(&front[2], datagram.peer.port);
  Store16(&front[4], static_cast<std::uint16_t>(datagram.packet->size()));
  Store16(&front[6], 0);
  Ipv4Header header;
  header.protocol = hal::kProtocolUdp;
  header.dont_fragment = datagram.dont_fragment;
  header.source = local_.address;
  header.destination = datagram.peer.address;
  return node_.stack.Send(header, std::move(datagram.packet), [&datagram](Ipv4 source, Packet& packet) {
    Store16(&packet.data()[6], hal::UdpChecksum(source, datagram.peer.address, packet.data()));
  });
}

LabEchoPort::LabEchoPort(LabNode& node, std::uint16_t id, std::function<void(const EchoReply&)> handler)
    : node_(node), id_(id), inbox_(node.scheduler, [handler = std::move(handler)](std::vector<EchoReply>& replies) {
        for (const EchoReply& reply : replies) handler(reply);
      }) {
  node_.echo.emplace(id_, this);
}

LabEchoPort::~LabEchoPort() {
  node_.echo.erase(id_);
}

void LabEchoPort::TakeDatagram(const Ipv4Header& header, const EchoResult& result) {
  if (result.id != datagram_port() || result.sequence != probed_port_) return;
  Take({AnswerOf(result), header.source, probed_sequence_, header.ttl, 0});
}

// -i and -r choose nothing here: they say what way the routes must take.
Status LabEchoPort::CheckWay(const EchoRequest& request) const {
  const auto hop = node_.stack.routes().Find(request.destination);
  const bool forwards = hop && hop->kind == Hop::Kind::kForward;
  if (!request.interface.empty() && (!forwards || hop->interface->settings.name != request.interface))
    return {Code::kNotFound, "no way to " + request.destination.ToString() + " by " + request.interface};
  if (request.direct && hop && hop->kind != Hop::Kind::kLocal && (!forwards || !hop->gateway.empty()))
    return {Code::kNotFound, request.destination.ToString() + " is not on a network of this device"};
  return {};
}

PacketPtr LabEchoPort::Message(const EchoRequest& request) {
  PacketPtr packet = node_.packets.Take();
  if (request.port == 0) {
    const ByteSpan message = packet->Append(kIcmpHeaderSize + request.size);
    hal::FillEcho(message.subspan(kIcmpHeaderSize), request.pattern);
    hal::WriteIcmp(message, IcmpType::kEchoRequest, 0, id_, request.sequence);
    return packet;
  }
  const ByteSpan datagram = packet->Append(kUdpHeaderSize + request.size);
  hal::FillEcho(datagram.subspan(kUdpHeaderSize), request.pattern);
  Store16(&datagram[0], datagram_port());
  Store16(&datagram[2], request.port);
  Store16(&datagram[4], static_cast<std::uint16_t>(datagram.size()));
  Store16(&datagram[6], 0);  // none
  probed_port_ = request.port;
  probed_sequence_ = request.sequence;
  return packet;
}

Status LabEchoPort::Send(const EchoRequest& request) {
  if (request.source && !node_.stack.IsLocal(*request.source)) {
    return {Code::kBadValue, request.source->ToString() + " is not an address of this device"};
  }
  if (request.size > kMaxSize) {
    return {Code::kBadValue, "at most " + std::to_string(kMaxSize) + " bytes in a lab"};
  }
  if (request.ttl < 1 || request.ttl > 255 || request.tos < 0 || request.tos > 255) {
    return {Code::kBadValue, "TTL is 1 to 255, TOS 0 to 255"};
  }
  SW_TRY(CheckWay(request));
  PacketPtr packet = Message(request);
  Ipv4Header header;
  header.protocol = request.port == 0 ? hal::kProtocolIcmp : hal::kProtocolUdp;
  header.ttl = static_cast<std::uint8_t>(request.ttl);
  header.tos = static_cast<std::uint8_t>(request.tos);
  header.dont_fragment = request.dont_fragment;
  header.source = request.source.value_or(Ipv4());
  header.destination = request.destination;
  return node_.stack.Send(header, std::move(packet));
}

}  // namespace sw::device
