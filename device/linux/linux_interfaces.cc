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
  loop.Cancel(mend_timer);
  watch.reset();
  if (routes) routes->RemoveAll();
  for (auto& [name, bound] : interfaces) {
    if (bound.kind == InterfaceKind::kSubInterface) Release(bound);
  }
  for (auto& [name, bound] : interfaces) {
    if (bound.kind != InterfaceKind::kSubInterface) Release(bound);
  }
}

// What others did since we last looked. Looked into a moment later: `ip address flush` and its like repeat until
// nothing is left, and would take away at once what comes back at once.
void LinuxPlatform::Impl::TakeEvents() {
  constexpr Duration kMoment = std::chrono::milliseconds(50);
  const auto change = mirror->Poll();
  if (!change.ok() || (!change->links && !change->routes && !change->rules)) return;
  ForgetRoutes();
  rules_gone |= change->rules;
  links_changed |= change->links;
  MendAt(loop.now() + kMoment);
}

// Takes in what we did ourselves.
void LinuxPlatform::Impl::Settle() {
  (void)mirror->Poll();
  routes->Reconcile();
  ForgetRoutes();
  // What others did in the same moment came in among it.
  constexpr Duration kSoon = std::chrono::milliseconds(500);
  MendAt(loop.now() + kSoon);
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
  if (parent == nullptr) return {};  // it waits with its port
  const bool fits = there != nullptr && there->vlan == settings.vlan && there->parent == parent->index;
  if (there != nullptr && !fits) {
    if (there->alias != hal::kOurAlias) return {Code::kExists, bound.link + " is there and is something else"};
    SW_TRY(netlink->RemoveLink(there->index));
    found.Drop(Found::Vlan(bound.link));
    bound.link_ours = false;
    bound.ours.clear();
  }
  if (settings.vlan == 0) return {};
  if (fits) {
    bound.link_ours = there->alias == hal::kOurAlias;
    if (bound.link_ours) found.Note(Found::Vlan(bound.link), {});
  } else {
    found.Note(Found::Vlan(bound.link), {});
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
  const KernelLink* there = mirror->Link(bound.link);
  bound.index = there == nullptr ? 0 : there->index;
  if (known == interfaces.end()) {  // as a predecessor that was killed found it
    if (const auto mtu = found.Claim(Found::Mtu(bound.link))) bound.mtu_before = std::atoi(mtu->c_str());
    if (const auto up = found.Claim(Found::Up(bound.link))) bound.up_before = *up == "1";
  }
  return &interfaces.emplace(settings.name, std::move(fresh)).first->second;
}

LinuxPlatform::Impl::WantedLink LinuxPlatform::Impl::Wanted(const Bound& bound, const KernelLink& link) const {
  constexpr int kLeastMtu = 68;  // RFC 791; below it Linux takes the addresses away
  if (bound.kind == InterfaceKind::kLoopBack) return {link.mtu, true};  // shared by all LoopBacks: only ever set up
  return {bound.settings.mtu != 0 ? std::max(bound.settings.mtu, kLeastMtu) : bound.mtu_before.value_or(link.mtu),
          bound.settings.up};
}

Status LinuxPlatform::Impl::ApplyLink(Bound& bound) {
  const KernelLink* link = mirror->Link(bound.link);
  if (link == nullptr) return {};
  const int index = link->index, mtu = link->mtu;
  const bool up = link->up, kept = bound.kind == InterfaceKind::kGigabitEthernet;  // links of ours go with their notes
  const WantedLink want = Wanted(bound, *link);
  if (want.mtu != mtu) {
    if (!bound.mtu_before) bound.mtu_before = mtu;
    if (kept) found.Note(Found::Mtu(bound.link), std::to_string(*bound.mtu_before));
    SW_TRY(netlink->SetMtu(index, want.mtu).Within(bound.settings.name));
  }
  if (want.up != up) {
    if (!bound.up_before) bound.up_before = up;
    if (kept) found.Note(Found::Up(bound.link), *bound.up_before ? "1" : "0");
    SW_TRY(netlink->SetUp(index, want.up).Within(bound.settings.name));
  }
  return mirror->Poll().status();
}

// First out, then in: the kernel takes secondary addresses away with their primary, so what is missing is seen last.
Status LinuxPlatform::Impl::ApplyAddresses(Bound& bound, bool ask) {
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
    found.Drop(Found::Address(bound.link, a.prefix));
  }
  SW_TRY(mirror->Poll().status());
  for (const Prefix& prefix : want) {
    const auto& all = mirror->addresses();
    const auto there = std::find(all.begin(), all.end(), KernelAddress{index, prefix, 0});
    if (there == all.end()) {
      const KernelAddress address{index, prefix, kOurProtocol};
      if (ask && !May("address " + prefix.ToString() + " of " + bound.link)) continue;
      found.Note(Found::Address(bound.link, prefix), {});
      SW_TRY(netlink->AddAddress(address).Within(bound.settings.name));
      SW_TRY(mirror->Poll().status());
      if (std::find(bound.ours.begin(), bound.ours.end(), address) == bound.ours.end()) bound.ours.push_back(address);
    } else if (std::find(bound.ours.begin(), bound.ours.end(), *there) == bound.ours.end() &&
               (found.Claim(Found::Address(bound.link, prefix)) || there->protocol == kOurProtocol)) {
      found.Note(Found::Address(bound.link, prefix), {});
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
  for (const KernelAddress& a : bound.ours) {
    (void)netlink->RemoveAddress(a);
    found.Drop(Found::Address(bound.link, a.prefix));
  }
  if (bound.kind == InterfaceKind::kSubInterface && bound.link_ours) {
    (void)netlink->RemoveLink(index);
    found.Drop(Found::Vlan(bound.link));
  } else {
    if (bound.mtu_before) (void)netlink->SetMtu(index, *bound.mtu_before);
    if (bound.up_before) (void)netlink->SetUp(index, *bound.up_before);
    found.Drop(Found::Mtu(bound.link));
    found.Drop(Found::Up(bound.link));
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
    if (loopback && known != interfaces.end()) status.addresses = known->second.settings.addresses;
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
