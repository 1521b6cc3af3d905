// Our interfaces and the kernel's links: made, set, and put back as they were.
#include <net/if.h>

#include <algorithm>
#include <utility>

#include "device/linux/linux_platform_impl.h"

namespace sw::device {

using hal::KernelAddress;
using hal::KernelLink;
using hal::kOurProtocol;

namespace {

constexpr char kLo[] = "lo";

}  // namespace

LinuxPlatform::Impl::~Impl() {
  loop.Cancel(change_timer);
  watch.reset();
  if (routes) routes->RemoveAll();
  for (auto& [name, bound] : interfaces) {
    if (bound.kind == InterfaceKind::kSubInterface) Release(bound);
  }
  for (auto& [name, bound] : interfaces) {
    if (bound.kind != InterfaceKind::kSubInterface) Release(bound);
  }
}

// What others did since we last looked. Reported once the loop is back in control.
void LinuxPlatform::Impl::TakeEvents() {
  const auto change = mirror->Poll();
  if (!change.ok() || (!change->links && !change->routes)) return;
  routes->Reconcile();
  ForgetRoutes();
  if (!change->links || change_timer != 0) return;
  change_timer = loop.At(loop.now(), [this] {
    change_timer = 0;
    if (on_change) on_change();
  });
}

// Takes in what we did ourselves.
void LinuxPlatform::Impl::Settle() {
  (void)mirror->Poll();
  routes->Reconcile();
  ForgetRoutes();
}

Result<std::string> LinuxPlatform::Impl::LinkName(const InterfaceName& name, const std::string& full) const {
  switch (name.kind) {
    case InterfaceKind::kLoopBack:
      return std::string(kLo);
    case InterfaceKind::kTunnel:
      if (interfaces.contains(full)) return full;
      return Status(Code::kNotFound, full + " is not open");
    default: {
      const bool sub = name.kind == InterfaceKind::kSubInterface;
      const auto port = options.ports.find(sub ? name.parent : full);
      if (port == options.ports.end()) return Status(Code::kNotFound, full + " is not bound to a link");
      if (!sub) return port->second;
      const std::string link = port->second + full.substr(full.find('.'));
      if (link.size() >= IFNAMSIZ) return Status(Code::kBadValue, link + ": too long for the name of a link");
      return link;
    }
  }
}

Status LinuxPlatform::Impl::MakeVlan(const InterfaceSettings& settings, const InterfaceName& name, Bound& bound) {
  const KernelLink* there = mirror->Link(bound.link);
  const KernelLink* parent = mirror->Link(options.ports.at(name.parent));
  if (parent == nullptr) return {Code::kNotFound, "no link " + options.ports.at(name.parent)};
  const bool fits = there != nullptr && there->vlan == settings.vlan && there->parent == parent->index;
  if (there != nullptr && !fits) {
    if (there->alias != hal::kOurAlias) return {Code::kExists, bound.link + " is there and is something else"};
    SW_TRY(netlink->RemoveLink(there->index));
    bound.link_ours = false;
    bound.ours.clear();
  }
  if (settings.vlan == 0) return {};
  if (fits) {
    bound.link_ours = there->alias == hal::kOurAlias;
  } else {
    SW_TRY(netlink->AddVlan(parent->index, bound.link, settings.vlan));
    bound.link_ours = true;
  }
  return mirror->Poll().status();
}

Result<Bound*> LinuxPlatform::Impl::Bind(const InterfaceSettings& settings) {
  const InterfaceName name = *ParseInterfaceName(settings.name);
  const Result<std::string> link = LinkName(name, settings.name);
  SW_TRY(link.status());
  Bound fresh;
  fresh.kind = name.kind;
  fresh.link = *link;
  const auto known = interfaces.find(settings.name);
  Bound& bound = known == interfaces.end() ? fresh : known->second;
  if (name.kind == InterfaceKind::kSubInterface) SW_TRY(MakeVlan(settings, name, bound));
  const bool waits_for_vlan = name.kind == InterfaceKind::kSubInterface && settings.vlan == 0;
  if (!waits_for_vlan && mirror->Link(bound.link) == nullptr) return Status(Code::kNotFound, "no link " + bound.link);
  return &interfaces.emplace(settings.name, std::move(fresh)).first->second;
}

Status LinuxPlatform::Impl::ApplyLink(Bound& bound) {
  const KernelLink* link = mirror->Link(bound.link);
  if (link == nullptr) return {};
  const int index = link->index, mtu = link->mtu;
  const bool up = link->up;
  const bool loopback = bound.kind == InterfaceKind::kLoopBack;  // shared by all LoopBacks: only ever set up
  constexpr int kLeastMtu = 68;  // RFC 791; below it Linux takes the addresses away
  const int want_mtu = loopback                       ? mtu
                       : bound.settings.mtu != 0      ? std::max(bound.settings.mtu, kLeastMtu)
                       : bound.mtu_before.has_value() ? *bound.mtu_before
                                                      : mtu;
  if (want_mtu != mtu) {
    SW_TRY(netlink->SetMtu(index, want_mtu).Within(bound.settings.name));
    if (!bound.mtu_before) bound.mtu_before = mtu;
  }
  const bool want_up = loopback || bound.settings.up;
  if (want_up != up) {
    SW_TRY(netlink->SetUp(index, want_up).Within(bound.settings.name));
    if (!bound.up_before) bound.up_before = up;
  }
  return mirror->Poll().status();
}

// First out, then in: the kernel takes secondary addresses away with their primary, so what is missing is seen last.
Status LinuxPlatform::Impl::ApplyAddresses(Bound& bound) {
  const KernelLink* link = mirror->Link(bound.link);
  if (link == nullptr) return {};
  const int index = link->index;
  const bool shut_loopback = bound.kind == InterfaceKind::kLoopBack && !bound.settings.up;
  const std::vector<Prefix> want = shut_loopback ? std::vector<Prefix>() : bound.settings.addresses;
  for (const KernelAddress& a : std::vector<KernelAddress>(bound.ours)) {
    if (std::find(want.begin(), want.end(), a.prefix) != want.end()) continue;
    const Status removed = netlink->RemoveAddress(a);
    if (!removed.ok() && removed.code() != Code::kNotFound) return removed;
    std::erase(bound.ours, a);
  }
  SW_TRY(mirror->Poll().status());
  for (const Prefix& prefix : want) {
    const auto& all = mirror->addresses();
    const auto there = std::find(all.begin(), all.end(), KernelAddress{index, prefix, 0});
    if (there == all.end()) {
      const KernelAddress address{index, prefix, kOurProtocol};
      SW_TRY(netlink->AddAddress(address).Within(bound.settings.name));
      SW_TRY(mirror->Poll().status());
      if (std::find(bound.ours.begin(), bound.ours.end(), address) == bound.ours.end()) bound.ours.push_back(address);
    } else if (there->protocol == kOurProtocol &&
               std::find(bound.ours.begin(), bound.ours.end(), *there) == bound.ours.end()) {
      bound.ours.push_back(*there);  // left by a predecessor
    }
  }
  return {};
}

// Puts the link back as it was; nothing that fails here can be helped.
void LinuxPlatform::Impl::Release(Bound& bound) {
  const KernelLink* link = mirror->Link(bound.link);
  if (link == nullptr) return;
  const int index = link->index;
  for (const KernelAddress& a : bound.ours) (void)netlink->RemoveAddress(a);
  if (bound.kind == InterfaceKind::kSubInterface && bound.link_ours) {
    (void)netlink->RemoveLink(index);
  } else {
    if (bound.mtu_before) (void)netlink->SetMtu(index, *bound.mtu_before);
    if (bound.up_before) (void)netlink->SetUp(index, *bound.up_before);
  }
  bound.ours.clear();
  bound.mtu_before.reset();
  bound.up_before.reset();
  (void)mirror->Poll();
}

std::string LinuxPlatform::Impl::NameOf(int index) const {
  const KernelLink* link = mirror->Link(index);
  if (link == nullptr) return "?";
  for (const auto& [name, bound] : interfaces) {
    if (bound.link == link->name && bound.kind != InterfaceKind::kLoopBack) return name;
  }
  for (const auto& [name, port] : options.ports) {
    if (port == link->name) return name;
  }
  return link->name;
}

std::optional<int> LinuxPlatform::Impl::LinkOf(const std::string& interface) const {
  const auto it = interfaces.find(interface);
  const auto port = options.ports.find(interface);
  const KernelLink* link = it != interfaces.end()        ? mirror->Link(it->second.link)
                           : port != options.ports.end() ? mirror->Link(port->second)
                                                         : nullptr;
  if (link == nullptr) return std::nullopt;
  return link->index;
}

std::string LinuxPlatform::Impl::LinkNameOf(const std::string& interface) const {
  const auto bound = interfaces.find(interface);
  const auto port = options.ports.find(interface);
  return port != options.ports.end() ? port->second : bound != interfaces.end() ? bound->second.link : std::string();
}

InterfaceStatus LinuxPlatform::Impl::StatusOf(const std::string& name, const KernelLink* link) const {
  InterfaceStatus status;
  status.name = name;
  const auto known = interfaces.find(name);
  const bool loopback = LinkNameOf(name) == kLo;
  if (loopback || link == nullptr) {
    status.up = known != interfaces.end() && known->second.settings.up;
    status.link = loopback && status.up;
    if (loopback) status.addresses = known->second.settings.addresses;
    if (link != nullptr) status.mtu = link->mtu;
    return status;
  }
  status.up = link->up;
  status.link = link->carrier;
  status.mtu = link->mtu;
  status.mac = link->mac;
  for (const KernelAddress& a : mirror->addresses())
    if (a.link == link->index) status.addresses.push_back(a.prefix);
  status.input_packets = link->input_packets;
  status.input_bytes = link->input_bytes;
  status.input_errors = link->input_errors;
  status.output_packets = link->output_packets;
  status.output_bytes = link->output_bytes;
  status.output_errors = link->output_errors;
  return status;
}

}  // namespace sw::device
