// The kernel as it was set: what goes, comes and comes later, and what a predecessor left.
#include <algorithm>
#include <sstream>
#include <utility>

#include "device/linux/linux_platform_impl.h"
#include "device/linux/linux_ports.h"

namespace sw::device {

using hal::KernelAddress;
using hal::KernelLink;

void LinuxPlatform::Impl::Say(Severity severity, std::string_view digest, std::string text) {
  PlatformNotice said{severity, digest, std::move(text)};
  if (notice) return notice(said);
  notices.push_back(std::move(said));
}

// One timer, at the earliest time that was asked for.
void LinuxPlatform::Impl::MendAt(Time when) {
  if (mend_timer != 0 && mend_at <= when) return;
  loop.Cancel(mend_timer);
  mend_at = when;
  mend_timer = loop.At(when, [this] {
    mend_timer = 0;
    mend_at = Time::Never();
    Mend();
    if (std::exchange(links_changed, false) && on_change) on_change();
  });
}

// Ports first: VLAN links stand on them.
void LinuxPlatform::Impl::Mend() {
  for (const bool sub : {false, true})
    for (auto& [name, bound] : interfaces)
      if ((bound.kind == InterfaceKind::kSubInterface) == sub) Mend(bound);
  for (const auto& [name, tunnel] : tunnels)
    if (tunnel->gone())
      if (Status again = tunnel->Reopen(); !again.ok() && again.code() != Code::kBusy)
        Say(Severity::kErrors, "LINK", again.why());
  if (protection) protection->Mend(std::exchange(rules_gone, false));
  (void)mirror->Poll();
  routes->Reconcile();
}

void LinuxPlatform::Impl::Mend(Bound& bound) {
  const std::string& name = bound.settings.name;
  const KernelLink* link = mirror->Link(bound.link);
  const bool sub = bound.kind == InterfaceKind::kSubInterface, port = bound.kind == InterfaceKind::kGigabitEthernet;
  if (bound.index != 0 && (link == nullptr || link->index != bound.index)) {  // what was on it went with it
    bound.index = 0;
    bound.ours.clear();
    bound.mtu_before.reset();
    bound.up_before.reset();
    if (port) Say(Severity::kWarnings, "LINK", name + ": its link " + bound.link + " is gone");
  }
  const int known = bound.index;
  const bool parent_there = sub && mirror->Link(options.ports.at(ParseInterfaceName(name)->parent)) != nullptr;
  if (link == nullptr && parent_there && bound.settings.vlan != 0 && May("link " + bound.link)) {
    (void)Bind(bound.settings);
    link = mirror->Link(bound.link);
  }
  if (link == nullptr) return;
  Status done;
  const bool fresh = known != link->index;
  if (fresh) {
    bound.index = link->index;
    if (port) Say(Severity::kNotifications, "LINK", name + ": its link " + bound.link + " is there");
  }
  if (!fresh && !bound.stands) return;  // it was refused, and nobody took it away
  const WantedLink want = Wanted(bound, *link);
  const bool ours = bound.link_ours || bound.kind == InterfaceKind::kLoopBack;
  const bool other = (ours && want.up != link->up) || ((ours || bound.settings.mtu != 0) && want.mtu != link->mtu);
  if (fresh || (other && May("state of " + bound.link))) done = ApplyLink(bound);
  if (done.ok()) done = ApplyAddresses(bound, !fresh);
  bound.stands = done.ok();
  if (!done.ok()) Say(Severity::kErrors, "LINK", done.why());
}

Status LinuxPlatform::Impl::SetForwarding(bool on) {
  if (!on) {
    forwarding.reset();
    return {};
  }
  if (forwarding) return {};
  auto set = Sysctl::Set("net/ipv4/ip_forward", "1", found);
  SW_TRY(set.status());
  forwarding.emplace(std::move(*set));
  return {};
}

void LinuxPlatform::Impl::PutBack(const std::string& what, const std::string& was) {
  std::istringstream words(what);
  std::string kind, where, address;
  words >> kind >> where >> address;
  const KernelLink* link = mirror->Link(where);
  if (kind == "sysctl") (void)Sysctl::Write(where, was);
  if (what == Found::kRules) LinuxProtection::Sweep(*netlink);
  if (kind == "route") routes->PutBack(what);
  if (link == nullptr) return;
  if (kind == "mtu") (void)netlink->SetMtu(link->index, std::atoi(was.c_str()));
  if (kind == "up") (void)netlink->SetUp(link->index, was == "1");
  if (kind == "vlan" && link->alias == hal::kOurAlias) (void)netlink->RemoveLink(link->index);
  for (const KernelAddress& own : std::vector<KernelAddress>(mirror->addresses()))
    if (kind == "address" && own.link == link->index && own.prefix.ToString() == address)
      (void)netlink->RemoveAddress(own);
}

void LinuxPlatform::Settled() {
  const Found::Notes left = impl_->found.unclaimed();
  for (const auto& [what, was] : left) {
    impl_->PutBack(what, was);
    impl_->found.Drop(what);
  }
  impl_->Settle();
  if (!left.empty())
    impl_->Say(Severity::kNotifications, "PUTBACK",
               "what an earlier process left on this machine and nothing here uses is put back");
}

void LinuxPlatform::OnNotice(std::function<void(const PlatformNotice&)> notice) {
  impl_->notice = std::move(notice);
  for (const PlatformNotice& said : std::exchange(impl_->notices, {})) impl_->notice(said);
}

Status LinuxPlatform::Adopt(const std::map<std::string, std::string>& ports, bool forwarding) {
  SW_TRY(CheckPorts(ports));
  impl_->TakeEvents();
  std::vector<InterfaceSettings> again;
  for (const bool sub : {true, false}) {  // VLAN links go before what they stand on
    for (auto it = impl_->interfaces.begin(); it != impl_->interfaces.end();) {
      const InterfaceName name = *ParseInterfaceName(it->first);
      const bool port = name.kind == InterfaceKind::kGigabitEthernet || name.kind == InterfaceKind::kSubInterface;
      const std::string& on = name.kind == InterfaceKind::kSubInterface ? name.parent : it->first;
      const auto before = impl_->options.ports.find(on);
      const auto after = ports.find(on);
      const bool stays =
          before != impl_->options.ports.end() && after != ports.end() && before->second == after->second;
      if (!port || stays || (name.kind == InterfaceKind::kSubInterface) != sub) {
        ++it;
        continue;
      }
      impl_->Release(it->second);
      if (after != ports.end()) again.insert(again.begin(), it->second.settings);
      it = impl_->interfaces.erase(it);
    }
  }
  impl_->options.ports = ports;
  Status done = impl_->SetForwarding(forwarding);
  for (const InterfaceSettings& settings : again)
    if (Status set = SetInterface(settings); !set.ok() && done.ok()) done = std::move(set);
  impl_->Settle();
  if (impl_->on_change) impl_->on_change();
  return done;
}

}  // namespace sw::device
