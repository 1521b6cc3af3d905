#include "device/linux/linux_platform.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "device/linux/data_path.h"
#include "device/linux/kernel_routes.h"
#include "device/linux/linux_ports.h"
#include "device/linux/linux_protection.h"
#include "device/linux/sysctl.h"

namespace sw::device {

using hal::KernelAddress;
using hal::KernelLink;
using hal::kOurProtocol;

namespace {

constexpr char kLo[] = "lo";
constexpr char kLooseReversePath[] = "2";

// One of our interfaces, and what its link was before we touched it.
struct Bound {
  InterfaceSettings settings;
  InterfaceKind kind = InterfaceKind::kNull;
  std::string link;                 // the kernel's name
  bool link_ours = false;           // a VLAN link or a TUN device that we made
  std::vector<KernelAddress> ours;  // addresses that we added
  std::optional<int> mtu_before;
  std::optional<bool> up_before;
};

}  // namespace

struct LinuxPlatform::Impl {
  Impl(EventLoop& l, LinuxOptions o) : loop(l), options(std::move(o)) {}
  ~Impl();

  EventLoop& loop;
  const LinuxOptions options;
  PacketPool packets;
  std::unique_ptr<hal::Netlink> netlink;
  std::unique_ptr<hal::RouteMirror> mirror;
  std::unique_ptr<KernelRoutes> routes;
  std::map<std::string, Bound> interfaces;
  std::unique_ptr<LinuxProtection> protection;  // once it is wanted
  std::vector<Sysctl> sysctls;
  std::function<void()> on_change;
  std::set<dvpn::FastPath*> fast_paths;  // they learned from the routes
  Scheduler::TimerId change_timer = 0;
  std::uint16_t last_echo = 0;
  std::unique_ptr<EventLoop::Watch> watch;

  void TakeEvents();
  void Settle();
  void ForgetRoutes() const {
    for (dvpn::FastPath* fast : fast_paths) fast->ForgetRoutes();
  }
  Result<Bound*> Bind(const InterfaceSettings& settings);
  Result<std::string> LinkName(const InterfaceName& name, const std::string& full) const;
  Status MakeVlan(const InterfaceSettings& settings, const InterfaceName& name, Bound& bound);
  Status ApplyLink(Bound& bound);
  Status ApplyAddresses(Bound& bound);
  void Release(Bound& bound);
  std::string NameOf(int link) const;
  std::optional<int> LinkOf(const std::string& interface) const;
};

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

LinuxPlatform::LinuxPlatform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LinuxPlatform::~LinuxPlatform() = default;

Result<std::unique_ptr<LinuxPlatform>> LinuxPlatform::Open(EventLoop& loop, LinuxOptions options) {
  auto impl = std::make_unique<Impl>(loop, std::move(options));
  auto netlink = hal::Netlink::Open();
  SW_TRY(netlink.status());
  impl->netlink = std::move(*netlink);
  impl->mirror = std::make_unique<hal::RouteMirror>(*impl->netlink);
  impl->routes = std::make_unique<KernelRoutes>(*impl->netlink, *impl->mirror,
                                                [i = impl.get()](const std::string& name) { return i->LinkOf(name); });
  SW_TRY(impl->mirror->Reload());
  for (const auto& [name, link] : impl->options.ports) {
    const auto parsed = ParseInterfaceName(name);
    if (!parsed || parsed->kind != InterfaceKind::kGigabitEthernet)
      return Status(Code::kBadValue, name + " is not a port");
    if (impl->mirror->Link(link) == nullptr) return Status(Code::kNotFound, name + ": no link " + link);
  }
  if (impl->options.forwarding) {
    auto forward = Sysctl::Set("net/ipv4/ip_forward", "1");
    SW_TRY(forward.status());
    impl->sysctls.push_back(std::move(*forward));
  }
  impl->watch = loop.WatchReadable(impl->netlink->event_fd(), [i = impl.get()] { i->TakeEvents(); });
  return std::unique_ptr<LinuxPlatform>(new LinuxPlatform(std::move(impl)));
}

Scheduler& LinuxPlatform::scheduler() {
  return impl_->loop;
}
PacketPool& LinuxPlatform::packets() {
  return impl_->packets;
}

Status LinuxPlatform::SetInterface(const InterfaceSettings& settings) {
  SW_TRY(Check(settings));
  impl_->TakeEvents();
  const Result<Bound*> bound = impl_->Bind(settings);
  SW_TRY(bound.status());
  (*bound)->settings = settings;
  Status status = impl_->ApplyLink(**bound);
  if (status.ok()) status = impl_->ApplyAddresses(**bound);
  impl_->Settle();
  return status;
}

Status LinuxPlatform::RemoveInterface(const std::string& name) {
  const auto it = impl_->interfaces.find(name);
  if (it == impl_->interfaces.end()) {
    if (impl_->options.ports.contains(name)) return {};  // nothing was set
    return {Code::kNotFound, "no interface " + name};
  }
  impl_->TakeEvents();
  if (it->second.kind == InterfaceKind::kTunnel) {
    InterfaceSettings bare;
    bare.name = name;
    return SetInterface(bare);
  }
  impl_->Release(it->second);
  impl_->interfaces.erase(it);
  impl_->Settle();
  return {};
}

std::vector<InterfaceStatus> LinuxPlatform::interfaces() const {
  std::vector<InterfaceStatus> out;
  const auto links = impl_->netlink->Links();  // read now: the mirror's counters are old
  if (!links.ok()) return out;
  std::map<std::string, std::string> names = impl_->options.ports;
  for (const auto& [name, bound] : impl_->interfaces) names.emplace(name, bound.link);
  for (const auto& [name, link_name] : names) {
    InterfaceStatus status;
    status.name = name;
    const auto known = impl_->interfaces.find(name);
    const bool loopback = link_name == kLo;
    const auto link = std::find_if(links->begin(), links->end(),
                                   [&wanted = link_name](const KernelLink& l) { return l.name == wanted; });
    if (loopback || link == links->end()) {
      status.up = known != impl_->interfaces.end() && known->second.settings.up;
      status.link = loopback && status.up;
      if (loopback) status.addresses = known->second.settings.addresses;
      if (link != links->end()) status.mtu = link->mtu;
      out.push_back(std::move(status));
      continue;
    }
    status.up = link->up;
    status.link = link->carrier;
    status.mtu = link->mtu;
    status.mac = link->mac;
    for (const KernelAddress& a : impl_->mirror->addresses()) {
      if (a.link == link->index) status.addresses.push_back(a.prefix);
    }
    status.input_packets = link->input_packets;
    status.input_bytes = link->input_bytes;
    status.input_errors = link->input_errors;
    status.output_packets = link->output_packets;
    status.output_bytes = link->output_bytes;
    status.output_errors = link->output_errors;
    out.push_back(std::move(status));
  }
  return out;
}

Status LinuxPlatform::AddRoute(const StaticRoute& route) {
  impl_->TakeEvents();
  return impl_->routes->Add(route);
}

Status LinuxPlatform::RemoveRoute(const StaticRoute& route) {
  impl_->TakeEvents();
  return impl_->routes->Remove(route);
}

std::vector<RouteEntry> LinuxPlatform::routes() const {
  impl_->TakeEvents();
  return ShownRoutes(*impl_->mirror, [this](int link) { return impl_->NameOf(link); });
}

Result<std::unique_ptr<TunnelPort>> LinuxPlatform::OpenTunnel(const std::string& name, int mtu, PacketHandler handler) {
  InterfaceSettings settings;
  settings.name = name;
  settings.mtu = mtu;
  SW_TRY(Check(settings));
  if (ParseInterfaceName(name)->kind != InterfaceKind::kTunnel) return Status(Code::kBadValue, name + " is no tunnel");
  if (mtu < 1 || mtu > hal::Tun::kMaxMtu) return Status(Code::kBadValue, name + ": MTU out of range");
  if (impl_->interfaces.contains(name)) return Status(Code::kExists, name + " is open already");
  auto tun = hal::Tun::Open(name, impl_->options.workers > 1);
  SW_TRY(tun.status());
  impl_->TakeEvents();
  const KernelLink* link = impl_->mirror->Link(name);
  if (link == nullptr) return Status(Code::kDevice, name + ": the device did not appear");
  const int index = link->index;
  Bound bound;
  bound.settings = settings;
  bound.kind = InterfaceKind::kTunnel;
  bound.link = name;
  bound.link_ours = true;
  SW_TRY(impl_->ApplyLink(bound));
  bound.mtu_before = mtu;  // what "no MTU" means from now on
  if (impl_->options.forwarding) {
    SW_TRY(Sysctl::Write("net/ipv4/conf/" + name + "/rp_filter", kLooseReversePath));  // goes with the device
  }
  impl_->interfaces.emplace(name, std::move(bound));
  impl_->Settle();
  std::unique_ptr<TunnelPort> port = std::make_unique<LinuxTunnelPort>(
      impl_->loop, impl_->packets, *impl_->mirror, std::move(*tun), index, std::move(handler),
      LinuxTunnelPort::Hooks{[i = impl_.get()] { i->TakeEvents(); },
                             [i = impl_.get(), name] {
                               i->interfaces.erase(name);
                               i->Settle();
                             }});
  return port;
}

Result<std::unique_ptr<RawIpPort>> LinuxPlatform::OpenRawIp(std::uint8_t protocol, PacketHandler handler) {
  auto socket = hal::RawIpSocket::Open(protocol, 0);
  SW_TRY(socket.status());
  std::unique_ptr<RawIpPort> port = std::make_unique<LinuxRawIpPort>(impl_->loop, impl_->packets, *impl_->mirror,
                                                                     std::move(*socket), std::move(handler));
  return port;
}

bool LinuxPlatform::HasAddress(Ipv4 address) const {
  impl_->TakeEvents();
  return impl_->mirror->IsLocal(address);
}

std::optional<Exit> LinuxPlatform::ExitTo(Ipv4 destination) const {
  impl_->TakeEvents();
  const KernelLink* link = impl_->mirror->LinkTo(destination);
  if (link == nullptr || !link->up || !link->carrier) return std::nullopt;
  return Exit{impl_->NameOf(link->index), link->mtu};
}

Result<std::unique_ptr<UdpPort>> LinuxPlatform::OpenUdp(Endpoint local, DatagramHandler handler) {
  auto socket = hal::UdpSocket::Open(local);
  SW_TRY(socket.status());
  std::unique_ptr<UdpPort> port =
      std::make_unique<LinuxUdpPort>(impl_->loop, impl_->packets, std::move(*socket), std::move(handler));
  return port;
}

namespace {

// Takes the tunnel's port over, and gives it back in the end.
class Borrowed final : public DataPath {
 public:
  Borrowed(std::set<dvpn::FastPath*>& told, dvpn::FastPath& fast, LinuxTunnelPort& tunnel)
      : told_(told), fast_(fast), tunnel_(tunnel) {
    told_.insert(&fast_);
    tunnel_.Listen(false);
  }
  ~Borrowed() override {
    path.reset();
    told_.erase(&fast_);
    tunnel_.Listen(true);
  }
  std::unique_ptr<LinuxDataPath> path;

 private:
  std::set<dvpn::FastPath*>& told_;
  dvpn::FastPath& fast_;
  LinuxTunnelPort& tunnel_;
};

}  // namespace

std::size_t LinuxPlatform::workers() const {
  return impl_->options.workers;
}

Result<std::unique_ptr<DataPath>> LinuxPlatform::OpenDataPath(TunnelPort& tunnel, UdpPort& udp, dvpn::FastPath& fast,
                                                              DataPathHandlers handlers) {
  auto& port = static_cast<LinuxTunnelPort&>(tunnel);
  auto& socket = static_cast<LinuxUdpPort&>(udp).socket();
  handlers.to_send = [&port, send = std::move(handlers.to_send)](std::vector<PacketPtr>& burst) {
    port.BeforeBurst();
    send(burst);
  };
  auto borrowed = std::make_unique<Borrowed>(impl_->fast_paths, fast, port);
  auto path = LinuxDataPath::Start(impl_->loop, impl_->packets, port.tun(), socket, fast, std::move(handlers),
                                   {impl_->options.cpus});
  SW_TRY(path.status());
  borrowed->path = std::move(*path);
  return std::unique_ptr<DataPath>(std::move(borrowed));
}

Result<std::unique_ptr<EchoPort>> LinuxPlatform::OpenEcho(std::function<void(const EchoReply&)> handler) {
  const auto id = static_cast<std::uint16_t>(static_cast<unsigned>(::getpid()) + ++impl_->last_echo);
  auto socket = hal::EchoSocket::Open(id);
  SW_TRY(socket.status());
  std::unique_ptr<EchoPort> port = std::make_unique<LinuxEchoPort>(
      impl_->loop, *impl_->mirror, std::move(*socket),
      [this](const std::string& interface) {
        const auto name = ParseInterfaceName(interface);
        if (!name) return std::string();
        const Result<std::string> link = impl_->LinkName(*name, interface);
        return link.ok() ? *link : std::string();
      },
      std::move(handler));
  return port;
}

Result<std::unique_ptr<ProtectionPort>> LinuxPlatform::OpenProtection(const std::string& interface,
                                                                      ProtectionHandlers handlers) {
  const auto bound = impl_->interfaces.find(interface);
  const auto port = impl_->options.ports.find(interface);
  if (bound == impl_->interfaces.end() && port == impl_->options.ports.end())
    return Status(Code::kNotFound, interface + " is not bound to a link");
  if (!impl_->protection)
    impl_->protection = std::make_unique<LinuxProtection>(impl_->loop, impl_->packets, *impl_->netlink, *impl_->mirror);
  return impl_->protection->Open(bound != impl_->interfaces.end() ? bound->second.link : port->second,
                                 std::move(handlers));
}

void LinuxPlatform::OnChange(std::function<void()> handler) {
  impl_->on_change = std::move(handler);
}

}  // namespace sw::device
