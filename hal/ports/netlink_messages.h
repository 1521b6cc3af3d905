// The kernel's links, addresses, routes and rules as libnl has them, and as values. For hal/ports/netlink.cc only.
#pragma once

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>

#include <memory>
#include <optional>

#include "hal/ports/netlink.h"

namespace sw::hal {

// Linux 5.18; the headers of Debian 12's libnl do not know it.
inline constexpr int kIfaProto = 11;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Message = std::unique_ptr<nl_msg, Freer<nlmsg_free>>;
using LinkPtr = std::unique_ptr<rtnl_link, Freer<rtnl_link_put>>;
using RulePtr = std::unique_ptr<rtnl_rule, Freer<rtnl_rule_put>>;
using RoutePtr = std::unique_ptr<rtnl_route, Freer<rtnl_route_put>>;
using AddrPtr = std::unique_ptr<nl_addr, Freer<nl_addr_put>>;

// Null: no memory.
AddrPtr ToNl(const Prefix& prefix);
RoutePtr ToNl(const KernelRoute& route);  // what both AddRoute and RemoveRoute send
RulePtr ToNl(const KernelRule& rule);

KernelLink FromNl(rtnl_link* link);
std::optional<KernelRoute> ParseRoute(nlmsghdr* message);  // nullopt: not an IPv4 route of the main table
std::optional<KernelAddress> ParseAddress(nlmsghdr* message);
Code CodeOf(int error);  // of an errno

}  // namespace sw::hal
