// The IPv4 of one lab node: input checks, forwarding, local delivery and ICMP (RFC 791, 792, 1812).
//
// Interfaces are owned by the caller (device/lab/lab_platform.h); the stack reads them and counts on them. Packets that
// are for this node go to the hooks; hooks are called from inside Input and Send, so they hand work over and do not
// call back. IP options are carried and never acted on. Multicast is not forwarded. One thread; cheap enough for
// hundreds of nodes in a process.
#pragma once

#include <functional>

#include "device/lab/route_table.h"
#include "hal/ports/fragments.h"
#include "hal/ports/ipv4.h"

namespace sw::device {

struct IpHooks {
  // `packet` starts at the IP header and is exactly as long as that says. udp: false when no such port is open.
  std::function<bool(const hal::Ipv4Header&, PacketPtr& packet)> udp;
  std::function<void(const hal::Ipv4Header&, const hal::EchoResult&)> echo;
  // ESP and AH. False: nobody wants them.
  std::function<bool(PacketPtr& packet)> secured = {};
  // Any other protocol, whole. False: nobody wants it.
  std::function<bool(const hal::Ipv4Header&, PacketPtr& packet)> other = {};
  // ICMP "fragmentation needed" about ESP or AH of this node.
  std::function<void(ByteView quoted, std::size_t mtu)> too_large = {};
};

class IpStack {
 public:
  // ICMP errors a node sends in a burst, and per second after that (RFC 1812 4.3.2.8 asks for a limit; numbers ours).
  static constexpr int kErrorBurst = 100;
  static constexpr Duration kErrorInterval = std::chrono::milliseconds(10);

  IpStack(Scheduler& scheduler, PacketPool& packets, Interfaces& interfaces, IpHooks hooks);

  RouteTable& routes() { return routes_; }
  const RouteTable& routes() const { return routes_; }

  void Input(Interface& from, PacketPtr packet);
  void InputPast(PacketPtr packet);  // what came in and was shown to whoever protects the interface, or came out of it
  void SendPast(PacketPtr packet);   // a whole packet, by the routes, shown to nobody
  Status SendWhole(PacketPtr packet);  // a whole packet of this node, by the routes. kNotFound: no route

  // Sends a packet of this node: `header` tells protocol, addresses, TTL, TOS and DF; lengths and ID are filled in
  // here. An empty source becomes the address of the outgoing interface. `payload` grows a header in front.
  // kNotFound: no route; kBadValue: too large for its headroom, or for the MTU with DF.
  Status Send(hal::Ipv4Header header, PacketPtr payload, std::function<void(Ipv4 source, Packet&)> finish = {});

  bool IsLocal(Ipv4 address) const;  // an address of a usable interface, or 127/8
  std::optional<Ipv4> SourceFor(Ipv4 destination) const;

 private:
  void Local(const hal::Ipv4Header& header, PacketPtr packet);
  void LocalIcmp(const hal::Ipv4Header& header, PacketPtr packet);
  void Forward(const hal::Ipv4Header& header, PacketPtr packet);
  void Transmit(const Hop& hop, const hal::Ipv4Header& header, PacketPtr packet);
  void TransmitPast(const Hop& hop, const hal::Ipv4Header& header, PacketPtr packet);
  void Error(const hal::Ipv4Header& about, const Packet& packet, hal::IcmpType type, std::uint8_t code,
             std::uint16_t mtu = 0);
  void Error(const hal::Ipv4Header& about, const Packet& packet, hal::Unreachable code, std::uint16_t mtu = 0);
  bool MayError();

  Scheduler& scheduler_;
  PacketPool& packets_;
  Interfaces& interfaces_;
  IpHooks hooks_;
  RouteTable routes_;
  hal::Reassembly reassembly_;
  std::uint16_t last_id_ = 0;
  Time errors_from_;  // token bucket in time: an error may go while this is at most a burst ahead of now
};

}  // namespace sw::device
