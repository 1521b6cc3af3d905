// Links, IPv4 addresses and IPv4 routes of the Linux kernel, as values (rtnetlink(7), through libnl).
//
// Two sockets: one for commands, which wait for the kernel's answer, one for notifications, which never waits.
// One thread. Errors: kDenied without CAP_NET_ADMIN, kExists, kNotFound, kUnsupported (the next hop cannot be
// reached, or this kernel has no such thing),
// kDevice for the rest, each with the kernel's reason. Of the routing tables only the main one is read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/result.h"

namespace sw::hal {

// Marks what we added, so that it is known again after a crash. Neither /etc/iproute2/rt_protos of Debian 12 nor
// linux/rtnetlink.h gives this number to anybody.
inline constexpr std::uint8_t kOurProtocol = 88;
inline constexpr char kOurAlias[] = "sw8800";  // of a link that we made

struct KernelLink {
  int index = 0;
  std::string name, alias, kind;  // kind: "vlan", "tun", "veth"; empty for hardware
  bool up = false, carrier = false;
  int mtu = 0;
  int parent = 0, vlan = 0;  // of a VLAN link
  std::optional<std::array<std::uint8_t, 6>> mac;
  std::uint64_t input_packets = 0, input_bytes = 0, input_errors = 0;
  std::uint64_t output_packets = 0, output_bytes = 0, output_errors = 0;
};

struct KernelAddress {
  int link = 0;
  Prefix prefix;
  std::uint8_t protocol = 0;  // kOurProtocol: ours (needs Linux 5.18)
  friend bool operator==(const KernelAddress& a, const KernelAddress& b) {
    return a.link == b.link && a.prefix == b.prefix;
  }
};

struct KernelRoute {
  enum class Type : std::uint8_t { kUnicast, kBlackhole, kUnreachable, kOther };
  struct Hop {
    int link = 0;
    Ipv4 gateway;  // empty: the destination itself is on the link
    friend bool operator==(const Hop&, const Hop&) = default;
  };
  Prefix destination;
  Type type = Type::kUnicast;
  std::uint8_t protocol = 0;
  std::uint8_t tos = 0;
  std::uint32_t metric = 0;
  Ipv4 source;              // preferred; empty: none
  std::vector<Hop> hops;    // dead ones left out
  std::uint32_t table = 0;  // 0: the main one; only what we add ourselves has another
  friend bool operator==(const KernelRoute&, const KernelRoute&) = default;
};

// A rule of the policy database: packets with this mark look into that table.
struct KernelRule {
  std::uint32_t priority = 0;
  std::uint32_t mark = 0;     // 0: any
  std::uint32_t table = 0;    // 0: unreachable
  Prefix source = {};         // /0: any
  std::string input = {};     // came in there; empty: anywhere
  std::uint8_t protocol = 0;  // of IP; 0: any, and ARP, which asks the rules too
};

struct KernelEvents {
  std::function<void(const KernelRoute&, bool replaces)> route_added;
  std::function<void(const KernelRoute&)> route_removed;
  std::function<void()> links_or_addresses;
  std::function<void()> policy_removed;  // a rule, or a route of a table that is neither main nor local
};

class Netlink {
 public:
  static Result<std::unique_ptr<Netlink>> Open();
  ~Netlink();

  Result<std::vector<KernelLink>> Links();
  Result<std::vector<KernelAddress>> Addresses();
  Result<std::vector<KernelRoute>> Routes();

  Status SetUp(int link, bool up);
  Status SetMtu(int link, int mtu);
  Status AddVlan(int parent, const std::string& name, int vlan);  // marked with kOurAlias
  Status RemoveLink(int link);
  Status AddAddress(const KernelAddress& address);
  Status RemoveAddress(const KernelAddress& address);
  enum class IfThere : std::uint8_t { kFail, kReplace, kAppend };
  Status AddRoute(const KernelRoute& route, IfThere if_there);
  Status RemoveRoute(const KernelRoute& route);

  Status AddRule(const KernelRule& rule);
  Status RemoveRule(const KernelRule& rule);

  int event_fd() const;  // readable when notifications wait
  // Hands out what waits. False: the kernel dropped some, and everything must be read again.
  bool Events(const KernelEvents& events);

 private:
  struct Impl;
  explicit Netlink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::hal
