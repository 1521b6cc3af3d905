#include "hal/ports/netlink.h"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>

#include <cstring>

#include "hal/ports/netlink_messages.h"

namespace sw::hal {
namespace {

constexpr int kReceiveBuffer = 4 << 20;  // a routing daemon may install thousands of routes at once

using Socket = std::unique_ptr<nl_sock, Freer<nl_socket_free>>;

}  // namespace

struct Netlink::Impl {
  Socket commands, events;
  int kernel_error = 0;  // errno of the last refused command; libnl's own numbers say less

  static int OnError(sockaddr_nl*, nlmsgerr* error, void* self) {
    static_cast<Impl*>(self)->kernel_error = -error->error;
    return NL_STOP;
  }

  Status Run(const Message& message, const std::string& what) {
    if (!message) return {Code::kDevice, what + ": no memory for a netlink message"};
    kernel_error = 0;
    int error = nl_send_auto(commands.get(), message.get());
    if (error >= 0) error = nl_wait_for_ack(commands.get());
    if (error >= 0) return {};
    if (kernel_error != 0) return {CodeOf(kernel_error), what + ": " + std::strerror(kernel_error)};
    return {Code::kDevice, what + ": " + nl_geterror(error)};
  }

  // Asks for everything of one kind; `take` sees each message.
  Status Dump(int type, const std::function<void(nlmsghdr*)>& take) {
    int error = nl_rtgen_request(commands.get(), type, AF_INET, NLM_F_DUMP);
    if (error < 0) return {Code::kDevice, std::string("netlink: ") + nl_geterror(error)};
    nl_socket_modify_cb(commands.get(), NL_CB_VALID, NL_CB_CUSTOM, &Impl::OnMessage,
                        const_cast<std::function<void(nlmsghdr*)>*>(&take));
    error = nl_recvmsgs_default(commands.get());
    nl_socket_modify_cb(commands.get(), NL_CB_VALID, NL_CB_DEFAULT, nullptr, nullptr);
    if (error < 0) return {Code::kDevice, std::string("netlink: ") + nl_geterror(error)};
    return {};
  }

  static int OnMessage(nl_msg* message, void* take) {
    (*static_cast<std::function<void(nlmsghdr*)>*>(take))(nlmsg_hdr(message));
    return NL_OK;
  }
};

Netlink::Netlink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Netlink::~Netlink() = default;

Result<std::unique_ptr<Netlink>> Netlink::Open() {
  auto impl = std::make_unique<Impl>();
  for (Socket* socket : {&impl->commands, &impl->events}) {
    socket->reset(nl_socket_alloc());
    if (!*socket) return Status(Code::kDevice, "netlink: no memory");
    if (const int error = nl_connect(socket->get(), NETLINK_ROUTE); error < 0) {
      return Status(Code::kDevice, std::string("netlink: ") + nl_geterror(error));
    }
  }
  nl_socket_modify_err_cb(impl->commands.get(), NL_CB_CUSTOM, &Impl::OnError, impl.get());
  nl_socket_disable_seq_check(impl->events.get());
  nl_socket_set_nonblocking(impl->events.get());
  nl_socket_set_buffer_size(impl->events.get(), kReceiveBuffer, 0);
  nl_socket_set_msg_buf_size(impl->events.get(), 64 << 10);
  if (const int error = nl_socket_add_memberships(impl->events.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                                  RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, 0);
      error < 0) {
    return Status(Code::kDevice, std::string("netlink: ") + nl_geterror(error));
  }
  return std::unique_ptr<Netlink>(new Netlink(std::move(impl)));
}

Result<std::vector<KernelLink>> Netlink::Links() {
  std::vector<KernelLink> out;
  nl_cache* cache = nullptr;
  if (const int error = rtnl_link_alloc_cache(impl_->commands.get(), AF_UNSPEC, &cache); error < 0) {
    return Status(Code::kDevice, std::string("netlink: ") + nl_geterror(error));
  }
  for (nl_object* o = nl_cache_get_first(cache); o != nullptr; o = nl_cache_get_next(o)) {
    out.push_back(FromNl(reinterpret_cast<rtnl_link*>(o)));
  }
  nl_cache_free(cache);
  return out;
}

Result<std::vector<KernelAddress>> Netlink::Addresses() {
  std::vector<KernelAddress> out;
  SW_TRY(impl_->Dump(RTM_GETADDR, [&out](nlmsghdr* m) {
    if (auto a = ParseAddress(m)) out.push_back(*a);
  }));
  return out;
}

Result<std::vector<KernelRoute>> Netlink::Routes() {
  std::vector<KernelRoute> out;
  SW_TRY(impl_->Dump(RTM_GETROUTE, [&out](nlmsghdr* m) {
    if (auto r = ParseRoute(m)) out.push_back(std::move(*r));
  }));
  return out;
}

namespace {

Message LinkMessage(int link, unsigned flags, unsigned change, std::optional<int> mtu) {
  Message message(nlmsg_alloc_simple(RTM_NEWLINK, 0));
  ifinfomsg head{};
  head.ifi_index = link;
  head.ifi_flags = flags;
  head.ifi_change = change;
  if (!message || nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO) < 0) return nullptr;
  if (mtu && nla_put_u32(message.get(), IFLA_MTU, static_cast<std::uint32_t>(*mtu)) < 0) return nullptr;
  return message;
}

Message AddressMessage(int type, int flags, const KernelAddress& a) {
  Message message(nlmsg_alloc_simple(type, flags));
  ifaddrmsg head{};
  head.ifa_family = AF_INET;
  head.ifa_prefixlen = a.prefix.length;
  head.ifa_index = static_cast<unsigned>(a.link);
  nl_msg* m = message.get();
  const std::uint32_t local = htonl(a.prefix.address.value), broadcast = htonl(a.prefix.broadcast().value);
  if (m == nullptr || nlmsg_append(m, &head, sizeof head, NLMSG_ALIGNTO) < 0 || nla_put_u32(m, IFA_LOCAL, local) < 0 ||
      nla_put_u32(m, IFA_ADDRESS, local) < 0) {
    return nullptr;
  }
  if (type == RTM_NEWADDR && a.prefix.length < 31 && nla_put_u32(m, IFA_BROADCAST, broadcast) < 0) return nullptr;
  if (type == RTM_NEWADDR && nla_put_u8(m, kIfaProto, a.protocol) < 0) return nullptr;
  return message;
}

}  // namespace

Status Netlink::SetUp(int link, bool up) {
  return impl_->Run(LinkMessage(link, up ? IFF_UP : 0, IFF_UP, std::nullopt), up ? "set link up" : "set link down");
}

Status Netlink::SetMtu(int link, int mtu) {
  return impl_->Run(LinkMessage(link, 0, 0, mtu), fmt::format("set MTU {}", mtu));
}

Status Netlink::AddVlan(int parent, const std::string& name, int vlan) {
  const LinkPtr link(rtnl_link_vlan_alloc());
  rtnl_link_set_link(link.get(), parent);
  rtnl_link_set_name(link.get(), name.c_str());
  rtnl_link_vlan_set_id(link.get(), static_cast<std::uint16_t>(vlan));
  nl_msg* message = nullptr;
  if (rtnl_link_build_add_request(link.get(), NLM_F_CREATE | NLM_F_EXCL, &message) < 0) message = nullptr;
  SW_TRY(impl_->Run(Message(message), "add VLAN link " + name));
  // The kernel takes an alias for a link that is there, not with a new one.
  const unsigned index = if_nametoindex(name.c_str());
  Message alias = LinkMessage(static_cast<int>(index), 0, 0, std::nullopt);
  if (alias && nla_put(alias.get(), IFLA_IFALIAS, sizeof kOurAlias - 1, kOurAlias) < 0) alias.reset();
  return impl_->Run(alias, "mark VLAN link " + name);
}

Status Netlink::RemoveLink(int link) {
  Message message = LinkMessage(link, 0, 0, std::nullopt);
  if (message) nlmsg_hdr(message.get())->nlmsg_type = RTM_DELLINK;
  return impl_->Run(message, "remove link");
}

Status Netlink::AddAddress(const KernelAddress& a) {
  return impl_->Run(AddressMessage(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, a), "add address " + a.prefix.ToString());
}

Status Netlink::RemoveAddress(const KernelAddress& a) {
  return impl_->Run(AddressMessage(RTM_DELADDR, 0, a), "remove address " + a.prefix.ToString());
}

Status Netlink::AddRoute(const KernelRoute& r, IfThere if_there) {
  const RoutePtr route = ToNl(r);
  const int flags = NLM_F_CREATE | (if_there == IfThere::kFail      ? NLM_F_EXCL
                                    : if_there == IfThere::kReplace ? NLM_F_REPLACE
                                                                    : NLM_F_APPEND);
  nl_msg* message = nullptr;
  if (!route || rtnl_route_build_add_request(route.get(), flags, &message) < 0) message = nullptr;
  return impl_->Run(Message(message), "add route to " + r.destination.ToString());
}

Status Netlink::RemoveRoute(const KernelRoute& r) {
  const RoutePtr route = ToNl(r);
  nl_msg* message = nullptr;
  if (!route || rtnl_route_build_del_request(route.get(), 0, &message) < 0) message = nullptr;
  return impl_->Run(Message(message), "remove route to " + r.destination.ToString());
}

Status Netlink::AddRule(const KernelRule& r) {
  const RulePtr rule = ToNl(r);
  nl_msg* message = nullptr;
  if (!rule || rtnl_rule_build_add_request(rule.get(), NLM_F_CREATE | NLM_F_EXCL, &message) < 0) message = nullptr;
  return impl_->Run(Message(message), fmt::format("add rule {}", r.priority));
}

Status Netlink::RemoveRule(const KernelRule& r) {
  const RulePtr rule = ToNl(r);
  nl_msg* message = nullptr;
  if (!rule || rtnl_rule_build_delete_request(rule.get(), 0, &message) < 0) message = nullptr;
  return impl_->Run(Message(message), fmt::format("remove rule {}", r.priority));
}

int Netlink::event_fd() const {
  return nl_socket_get_fd(impl_->events.get());
}

namespace {

bool OfOtherTable(nlmsghdr* m) {
  const auto* route = static_cast<const rtmsg*>(nlmsg_data(m));
  return route->rtm_family == AF_INET && route->rtm_table != RT_TABLE_MAIN && route->rtm_table != RT_TABLE_LOCAL;
}

}  // namespace

bool Netlink::Events(const KernelEvents& events) {
  const std::function<void(nlmsghdr*)> take = [&events](nlmsghdr* m) {
    switch (m->nlmsg_type) {
      case RTM_NEWROUTE:
        if (auto r = ParseRoute(m)) events.route_added(*r, (m->nlmsg_flags & NLM_F_REPLACE) != 0);
        break;
      case RTM_DELROUTE:
        if (auto r = ParseRoute(m))
          events.route_removed(*r);
        else if (OfOtherTable(m))
          events.policy_removed();
        break;
      case RTM_NEWLINK:
      case RTM_DELLINK:
      case RTM_NEWADDR:
      case RTM_DELADDR:
        events.links_or_addresses();
        break;
      case RTM_DELRULE:
        events.policy_removed();
        break;
      default:
        break;
    }
  };
  nl_socket_modify_cb(impl_->events.get(), NL_CB_VALID, NL_CB_CUSTOM, &Impl::OnMessage,
                      const_cast<std::function<void(nlmsghdr*)>*>(&take));
  int error = 0;
  while (error >= 0) error = nl_recvmsgs_default(impl_->events.get());
  return error == -NLE_AGAIN;
}

}  // namespace sw::hal
