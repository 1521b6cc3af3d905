#include "hal/ports/netlink_messages.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/nexthop.h>

#include <cstring>

namespace sw::hal {
namespace {

Ipv4 FromNl(const nl_addr* a) {
  if (a == nullptr || nl_addr_get_len(a) != 4) return {};
  std::uint8_t bytes[4];
  std::memcpy(bytes, nl_addr_get_binary_addr(a), sizeof bytes);
  return Ipv4((static_cast<std::uint32_t>(bytes[0]) << 24) | (static_cast<std::uint32_t>(bytes[1]) << 16) |
              (static_cast<std::uint32_t>(bytes[2]) << 8) | bytes[3]);
}

}  // namespace

AddrPtr ToNl(const Prefix& p) {
  const std::uint32_t wire = htonl(p.address.value);
  AddrPtr out(nl_addr_build(AF_INET, &wire, sizeof wire));
  if (out) nl_addr_set_prefixlen(out.get(), p.length);
  return out;
}

KernelLink FromNl(rtnl_link* l) {
  KernelLink out;
  const auto text = [](const char* s) { return std::string(s == nullptr ? "" : s); };
  out.index = rtnl_link_get_ifindex(l);
  out.name = text(rtnl_link_get_name(l));
  out.alias = text(rtnl_link_get_ifalias(l));
  out.kind = text(rtnl_link_get_type(l));
  const unsigned flags = rtnl_link_get_flags(l);
  out.up = (flags & IFF_UP) != 0;
  out.carrier = (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0;
  out.mtu = static_cast<int>(rtnl_link_get_mtu(l));
  out.parent = rtnl_link_get_link(l);
  if (rtnl_link_is_vlan(l) != 0) out.vlan = rtnl_link_vlan_get_id(l);
  const nl_addr* mac = rtnl_link_get_addr(l);
  if (mac != nullptr && nl_addr_get_len(mac) == 6 && (flags & IFF_LOOPBACK) == 0) {
    std::memcpy(out.mac.emplace().data(), nl_addr_get_binary_addr(mac), 6);
  }
  out.input_packets = rtnl_link_get_stat(l, RTNL_LINK_RX_PACKETS);
  out.input_bytes = rtnl_link_get_stat(l, RTNL_LINK_RX_BYTES);
  out.input_errors = rtnl_link_get_stat(l, RTNL_LINK_RX_ERRORS);
  out.output_packets = rtnl_link_get_stat(l, RTNL_LINK_TX_PACKETS);
  out.output_bytes = rtnl_link_get_stat(l, RTNL_LINK_TX_BYTES);
  out.output_errors = rtnl_link_get_stat(l, RTNL_LINK_TX_ERRORS);
  return out;
}

std::optional<KernelRoute> ParseRoute(nlmsghdr* message) {
  if (nlmsg_valid_hdr(message, sizeof(rtmsg)) == 0) return std::nullopt;
  const auto* head = static_cast<const rtmsg*>(nlmsg_data(message));
  if (head->rtm_family != AF_INET || (head->rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  rtnl_route* raw = nullptr;
  if (rtnl_route_parse(message, &raw) < 0) return std::nullopt;
  const RoutePtr route(raw);
  if (rtnl_route_get_table(raw) != RT_TABLE_MAIN) return std::nullopt;
  KernelRoute out;
  out.destination = {FromNl(rtnl_route_get_dst(raw)), head->rtm_dst_len};
  out.type = head->rtm_type == RTN_UNICAST       ? KernelRoute::Type::kUnicast
             : head->rtm_type == RTN_BLACKHOLE   ? KernelRoute::Type::kBlackhole
             : head->rtm_type == RTN_UNREACHABLE ? KernelRoute::Type::kUnreachable
                                                 : KernelRoute::Type::kOther;
  out.protocol = rtnl_route_get_protocol(raw);
  out.tos = rtnl_route_get_tos(raw);
  out.metric = rtnl_route_get_priority(raw);
  out.source = FromNl(rtnl_route_get_pref_src(raw));
  for (int i = 0; i < rtnl_route_get_nnexthops(raw); ++i) {
    rtnl_nexthop* hop = rtnl_route_nexthop_n(raw, i);
    if ((rtnl_route_nh_get_flags(hop) & RTNH_F_DEAD) != 0) continue;
    out.hops.push_back({rtnl_route_nh_get_ifindex(hop), FromNl(rtnl_route_nh_get_gateway(hop))});
  }
  return out;
}

std::optional<KernelAddress> ParseAddress(nlmsghdr* message) {
  nlattr* attributes[kIfaProto + 1] = {};
  if (nlmsg_parse(message, sizeof(ifaddrmsg), attributes, kIfaProto, nullptr) < 0) return std::nullopt;
  const auto* head = static_cast<const ifaddrmsg*>(nlmsg_data(message));
  const nlattr* local = attributes[IFA_LOCAL];
  if (head->ifa_family != AF_INET || local == nullptr || nla_len(local) != 4) return std::nullopt;
  KernelAddress out;
  out.link = static_cast<int>(head->ifa_index);
  out.prefix = {Ipv4(ntohl(nla_get_u32(local))), head->ifa_prefixlen};
  if (attributes[kIfaProto] != nullptr && nla_len(attributes[kIfaProto]) == 1) {
    out.protocol = nla_get_u8(attributes[kIfaProto]);
  }
  return out;
}

RoutePtr ToNl(const KernelRoute& r) {
  RoutePtr route(rtnl_route_alloc());
  const AddrPtr destination = ToNl(r.destination);
  if (!route || !destination) return nullptr;
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_table(route.get(), r.table == 0 ? std::uint32_t{RT_TABLE_MAIN} : r.table);
  rtnl_route_set_dst(route.get(), destination.get());
  rtnl_route_set_protocol(route.get(), r.protocol);
  rtnl_route_set_priority(route.get(), r.metric);
  rtnl_route_set_tos(route.get(), r.tos);
  rtnl_route_set_type(route.get(), r.type == KernelRoute::Type::kBlackhole     ? RTN_BLACKHOLE
                                   : r.type == KernelRoute::Type::kUnreachable ? RTN_UNREACHABLE
                                                                               : RTN_UNICAST);
  if (!r.source.empty()) {
    const AddrPtr source = ToNl(Prefix{r.source, 32});
    if (source) rtnl_route_set_pref_src(route.get(), source.get());
  }
  bool gateway = r.hops.empty();
  for (const KernelRoute::Hop& h : r.hops) {
    rtnl_nexthop* hop = rtnl_route_nh_alloc();
    if (h.link != 0) rtnl_route_nh_set_ifindex(hop, h.link);
    if (!h.gateway.empty()) {
      const AddrPtr via = ToNl(Prefix{h.gateway, 32});
      rtnl_route_nh_set_gateway(hop, via.get());
      gateway = true;
    }
    rtnl_route_add_nexthop(route.get(), hop);
  }
  rtnl_route_set_scope(route.get(), gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
  return route;
}

RulePtr ToNl(const KernelRule& r) {
  RulePtr rule(rtnl_rule_alloc());
  if (!rule) return nullptr;
  rtnl_rule_set_family(rule.get(), AF_INET);
  rtnl_rule_set_prio(rule.get(), r.priority);
  if (r.mark != 0) {
    rtnl_rule_set_mark(rule.get(), r.mark);
    rtnl_rule_set_mask(rule.get(), 0xffffffff);
  }
  if (r.source.length != 0) {
    const AddrPtr source = ToNl(r.source);
    if (source) rtnl_rule_set_src(rule.get(), source.get());
  }
  if (!r.input.empty()) rtnl_rule_set_iif(rule.get(), r.input.c_str());
  if (r.protocol != 0) rtnl_rule_set_ipproto(rule.get(), r.protocol);
  rtnl_rule_set_action(rule.get(), r.table == 0 ? FR_ACT_UNREACHABLE : FR_ACT_TO_TBL);
  if (r.table != 0) rtnl_rule_set_table(rule.get(), r.table);
  return rule;
}

Code CodeOf(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return Code::kDenied;
    case EEXIST:
      return Code::kExists;
    case ENOENT:
    case ESRCH:
    case ENODEV:
    case EADDRNOTAVAIL:
      return Code::kNotFound;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EOPNOTSUPP:
      return Code::kUnsupported;
    default:
      return Code::kDevice;
  }
}

}  // namespace sw::hal
