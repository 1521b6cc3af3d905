// What a device stands on: the Linux kernel (device/linux/), or the lab's own small IP stack (device/lab/).
//
// A Platform owns interfaces, addresses, routes and ports; the device tells it what it wants and gets packets back by
// callback, on the scheduler's thread. What the platform added it removes when it is destroyed; what others added to
// the machine is left alone. Callbacks may be called until the port that took them is destroyed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvpn/tunnel.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/base/result.h"

namespace sw::device {

// A canonical interface name, taken apart. Anything else is not an interface of this product.
enum class InterfaceKind : std::uint8_t { kGigabitEthernet, kSubInterface, kLoopBack, kTunnel, kNull };
struct InterfaceName {
  InterfaceKind kind = InterfaceKind::kNull;
  int number = 0;      // GigabitEthernet0/N, LoopBackN, TunnelN
  std::string parent;  // of a sub-interface: GigabitEthernet0/N
};
std::optional<InterfaceName> ParseInterfaceName(std::string_view name);

struct InterfaceSettings {
  std::string name;               // canonical: GigabitEthernet0/0, GigabitEthernet0/0.10, LoopBack0, Tunnel0
  bool up = true;                 // false: shutdown
  std::vector<Prefix> addresses;  // primary first
  int mtu = 0;                    // 0: the platform's own
  int vlan = 0;                   // sub-interfaces: 802.1Q VLAN ID, 0 = none
};

struct InterfaceStatus {
  std::string name;
  bool up = false;    // administratively
  bool link = false;  // carries packets
  std::vector<Prefix> addresses;
  int mtu = 0;
  std::optional<std::array<std::uint8_t, 6>> mac;
  std::uint64_t input_packets = 0, input_bytes = 0, input_errors = 0;
  std::uint64_t output_packets = 0, output_bytes = 0, output_errors = 0;
};

struct StaticRoute {
  Prefix destination;
  Ipv4 next_hop;          // 0.0.0.0: by interface alone
  std::string interface;  // empty: by next hop; "NULL0": drop
  int preference = 60;
  bool reject = false;  // answer with ICMP unreachable
  friend auto operator<=>(const StaticRoute&, const StaticRoute&) = default;
};

// What no platform can do; every SetInterface and AddRoute asks first. kBadValue, with the operator's reason.
Status Check(const InterfaceSettings&);
Status Check(const StaticRoute&);

// One line of `display ip routing-table`: active routes only.
struct RouteEntry {
  Prefix destination;
  std::string protocol;  // DIRECT, STATIC, or what the kernel calls the routing daemon's: OSPF, BGP, KERNEL ...
  int preference = 0;
  std::uint32_t cost = 0;
  Ipv4 next_hop;
  std::string interface;
};

using PacketHandler = std::function<void(std::vector<PacketPtr>& burst)>;  // takes what it wants out of it
using DatagramHandler = std::function<void(std::vector<dvpn::Datagram>& burst)>;

// The tunnel interface as the IP side sees it: packets routed into it come to the handler.
class TunnelPort : public dvpn::NextHops {
 public:
  virtual void Deliver(std::vector<PacketPtr>& burst) = 0;  // into this device's IP; empties `burst`
};

// An interface under IPsec: what leaves it and arrives at it is shown to the handlers, which take what they want out of
// the burst; the rest goes its way. Sending and delivering go past the handlers.
struct ProtectionHandlers {
  PacketHandler outbound;  // routed, about to leave, not cut into fragments yet
  PacketHandler inbound;   // came in, in clear
  PacketHandler secured;   // ESP and AH for this device, whole
  // ICMP: `mtu` is what a link takes; of the packet that did not fit, its IP header and what follows.
  std::function<void(ByteView quoted, std::size_t mtu)> too_large;
};
class ProtectionPort {
 public:
  virtual ~ProtectionPort() = default;
  virtual void Send(std::vector<PacketPtr>& burst) = 0;  // whole IP packets, by the routes; cut where a link needs it
  virtual void Deliver(std::vector<PacketPtr>& burst) = 0;  // into this device's IP, as if they had come in here
  // Destinations that may be protected; only what goes there need be shown.
  virtual void SetFlows(const std::vector<Prefix>& remote) = 0;
};

// Whole IPv4 packets of one protocol of IP that is not the platform's own. What comes in has been put together.
class RawIpPort {
 public:
  virtual ~RawIpPort() = default;
  // By the routes, through the policies of the interface they leave by; cut where a link needs it, so each has an
  // identification that is not 0. Empties `burst`; returns how many were refused.
  virtual std::size_t Send(std::vector<PacketPtr>& burst) = 0;
};
// Where packets to a destination leave this device.
struct Exit {
  std::string interface;
  int mtu = 0;
};

class UdpPort {
 public:
  virtual ~UdpPort() = default;
  virtual Endpoint local() const = 0;
  // Empties `burst`; returns how many the system refused (counted, not retried).
  virtual std::size_t Send(std::vector<dvpn::Datagram>& burst) = 0;
  virtual std::string why_refused() const { return {}; }  // the system's words for the last one that it refused

  // Datagrams that no Packet holds, cut and put together by IP on their way: IKE messages with certificates. Without a
  // handler they are dropped; a platform whose network carries none has neither. `bytes` are the caller's.
  using LargeHandler = std::function<void(Endpoint from, ByteView bytes)>;
  virtual void OnLarge(LargeHandler) {}
  virtual bool SendLarge(Endpoint, ByteView) { return false; }  // false: refused
};

// A tunnel's traffic on threads of its own, from when it is made until it goes.
class DataPath {
 public:
  virtual ~DataPath() = default;
};
// What its workers leave to the engine; called on the scheduler's thread. Each takes what it wants out of the burst.
struct DataPathHandlers {
  DatagramHandler received;
  PacketHandler to_send;
  std::function<void(std::vector<dvpn::Opened>& burst)> opened;
};

struct EchoRequest {
  Ipv4 destination;
  std::optional<Ipv4> source = std::nullopt;
  std::uint16_t sequence = 0;
  std::size_t size = 56;  // payload bytes
  int ttl = 255;
  int tos = 0;
  bool dont_fragment = false;
  std::string pattern = {};    // bytes the payload repeats; empty: 1 to 9
  std::string interface = {};  // to leave by, whatever the routes say; empty: as routed
  bool direct = false;         // only to a neighbour: nothing that needs a next hop
  bool debug = false;          // SO_DEBUG of the socket
  std::uint16_t port = 0;      // a UDP datagram to this port instead of an echo request; 0: an echo request
};
// What comes back for a datagram is kReply when its destination says that nobody is at the port.
enum class EchoAnswer : std::uint8_t { kReply, kUnreachable, kTimeExceeded };
struct EchoReply {
  EchoAnswer answer = EchoAnswer::kReply;
  Ipv4 from;
  std::uint16_t sequence = 0;
  int ttl = 0;
  std::size_t size = 0;
};
class EchoPort {
 public:
  virtual ~EchoPort() = default;
  // kNotFound: no route, no such interface, no neighbour; kBadValue: not our source address.
  virtual Status Send(const EchoRequest&) = 0;
};

class Platform {
 public:
  virtual ~Platform() = default;
  virtual Scheduler& scheduler() = 0;
  virtual PacketPool& packets() = 0;

  // Creates or changes. Physical interfaces must exist (kNotFound); LoopBack and sub-interfaces are made here;
  // TunnelN must have been opened with OpenTunnel.
  virtual Status SetInterface(const InterfaceSettings&) = 0;
  // LoopBack and sub-interfaces disappear; ports and tunnels stay and lose what SetInterface gave them.
  virtual Status RemoveInterface(const std::string& name) = 0;
  virtual std::vector<InterfaceStatus> interfaces() const = 0;

  // Host bits of the destination are ignored. Adding what is there already is no error; kNotFound: nothing to remove.
  virtual Status AddRoute(const StaticRoute&) = 0;
  virtual Status RemoveRoute(const StaticRoute&) = 0;
  virtual std::vector<RouteEntry> routes() const = 0;  // sorted by destination, then mask

  // The interface disappears with the port.
  virtual Result<std::unique_ptr<TunnelPort>> OpenTunnel(const std::string& name, int mtu, PacketHandler) = 0;
  // Address 0.0.0.0: any of this device's; port 0: one that is free. kBadValue: not our address; kInUse: port taken.
  virtual Result<std::unique_ptr<UdpPort>> OpenUdp(Endpoint local, DatagramHandler) = 0;
  // Packets of `protocol` for this device, whatever their addresses; one port for a protocol. kUnsupported: this
  // platform cannot; kInUse.
  virtual Result<std::unique_ptr<RawIpPort>> OpenRawIp(std::uint8_t protocol, PacketHandler) {
    (void)protocol;
    return Status(Code::kUnsupported, "no IP protocols of the device's own on this platform");
  }
  virtual bool HasAddress(Ipv4) const { return false; }  // of this device
  // nullopt: no route that carries, or an address of this device.
  virtual std::optional<Exit> ExitTo(Ipv4) const { return std::nullopt; }
  // How many workers a data path has here; 0: this platform has none.
  virtual std::size_t workers() const { return 0; }
  // Both ports, of this platform, from then on only write; `fast` outlives the data path, and so do the ports.
  virtual Result<std::unique_ptr<DataPath>> OpenDataPath(TunnelPort&, UdpPort&, dvpn::FastPath&, DataPathHandlers) {
    return Status(Code::kUnsupported, "no data path besides the scheduler's thread");
  }
  // One per interface, which exists. kUnsupported: this platform cannot.
  virtual Result<std::unique_ptr<ProtectionPort>> OpenProtection(const std::string& interface, ProtectionHandlers) {
    (void)interface;
    return Status(Code::kUnsupported, "no IPsec on this platform");
  }
  virtual Result<std::unique_ptr<EchoPort>> OpenEcho(std::function<void(const EchoReply&)>) = 0;

  // Called (on the scheduler's thread) after interfaces, addresses or links changed by themselves.
  virtual void OnChange(std::function<void()>) = 0;
};

}  // namespace sw::device
