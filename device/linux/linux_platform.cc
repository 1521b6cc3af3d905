#include "device/linux/linux_platform.h"

#include <unistd.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "device/linux/data_path.h"
#include "device/linux/linux_platform_impl.h"
#include "device/linux/linux_ports.h"

namespace sw::device {

using hal::KernelLink;

namespace {

constexpr char kLooseReversePath[] = "2";

}  // namespace

Status CheckPorts(const std::map<std::string, std::string>& ports) {
  for (const auto& [name, link] : ports) {
    const auto parsed = ParseInterfaceName(name);
    if (!parsed || parsed->kind != InterfaceKind::kGigabitEthernet)
      return Status(Code::kBadValue, name + " is not a port");
  }
  return {};
}

LinuxPlatform::LinuxPlatform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LinuxPlatform::~LinuxPlatform() = default;

Result<std::unique_ptr<LinuxPlatform>> LinuxPlatform::Open(EventLoop& loop, LinuxOptions options) {
  auto impl = std::make_unique<Impl>(loop, std::move(options));
  auto netlink = hal::Netlink::Open();
  SW_TRY(netlink.status());
  impl->netlink = std::move(*netlink);
  impl->mirror = std::make_unique<hal::RouteMirror>(*impl->netlink);
  impl->routes = std::make_unique<KernelRoutes>(
      *impl->netlink, *impl->mirror, impl->found,
      KernelRoutes::Hooks{[i = impl.get()](const std::string& name) { return i->LinkOf(name); },
                          [i = impl.get()](const std::string& what) { return i->May(what); }});
  SW_TRY(CheckPorts(impl->options.ports));
  SW_TRY(impl->mirror->Reload());
  for (const auto& [name, link] : impl->options.ports)
    if (impl->mirror->Link(link) == nullptr)
      impl->Say(Severity::kWarnings, "LINK", name + ": there is no link " + link + "; it is waited for");
  if (Status kept = impl->found.Open(impl->options.found); !kept.ok())
    impl->Say(Severity::kWarnings, "STATE", kept.why());
  if (Status set = impl->SetForwarding(impl->options.forwarding); !set.ok())
    impl->Say(Severity::kErrors, "FORWARDING", "--forwarding: " + set.why());
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
  (*bound)->stands = status.ok();
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
  std::map<std::string_view, const KernelLink*> by_name;
  for (const KernelLink& link : *links) by_name.emplace(link.name, &link);
  std::set<std::string> names;
  for (const auto& [name, link] : impl_->options.ports) names.insert(name);
  for (const auto& [name, bound] : impl_->interfaces) names.insert(name);
  for (const std::string& name : names) {
    const auto link = by_name.find(impl_->LinkNameOf(name));
    out.push_back(impl_->StatusOf(name, link == by_name.end() ? nullptr : link->second));
  }
  return out;
}

std::optional<InterfaceStatus> LinuxPlatform::interface(const std::string& name) const {
  const std::string link = impl_->LinkNameOf(name);
  if (link.empty()) return std::nullopt;
  return impl_->StatusOf(name, impl_->mirror->Link(link));
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
  auto tun = impl_->OpenTun(name);
  SW_TRY(tun.status());
  impl_->TakeEvents();
  const KernelLink* link = impl_->mirror->Link(name);
  if (link == nullptr) return Status(Code::kDevice, name + ": the device did not appear");
  const int index = link->index;
  Bound bound;
  bound.index = index;
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
  auto port = std::make_unique<LinuxTunnelPort>(
      impl_->loop, impl_->packets, *impl_->mirror, std::move(*tun), index, std::move(handler),
      LinuxTunnelPort::Hooks{[i = impl_.get()] { i->TakeEvents(); },
                             [i = impl_.get(), name] {
                               i->tunnels.erase(name);
                               i->interfaces.erase(name);
                               i->Settle();
                             },
                             [i = impl_.get(), name] { return i->ReopenTun(name); }});
  impl_->tunnels[name] = port.get();
  return std::unique_ptr<TunnelPort>(std::move(port));
}

Result<std::unique_ptr<hal::Tun>> LinuxPlatform::Impl::OpenTun(const std::string& name) const {
  return hal::Tun::Open(name, options.workers > 1);
}

// Somebody deleted the device: again as it was set.
Result<std::pair<std::unique_ptr<hal::Tun>, int>> LinuxPlatform::Impl::ReopenTun(const std::string& name) {
  if (!May("interface " + name)) return Status(Code::kBusy, name + " is given up for now");
  auto tun = OpenTun(name);
  SW_TRY(tun.status());
  SW_TRY(mirror->Poll().status());
  const KernelLink* link = mirror->Link(name);
  if (link == nullptr) return Status(Code::kDevice, name + ": the device did not appear");
  const int index = link->index;
  Bound& bound = interfaces.at(name);
  const int mtu_before = bound.mtu_before.value_or(link->mtu);
  bound.index = index;
  bound.ours.clear();
  SW_TRY(ApplyLink(bound));
  bound.mtu_before = mtu_before;
  if (options.forwarding) SW_TRY(Sysctl::Write("net/ipv4/conf/" + name + "/rp_filter", kLooseReversePath));
  SW_TRY(ApplyAddresses(bound));
  Settle();
  return std::pair(std::move(*tun), index);
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

// Takes the tunnel's port over, and gives it back in the end. When the device is made again, so is the path.
class Borrowed final : public DataPath {
 public:
  using Start = std::function<Result<std::unique_ptr<LinuxDataPath>>()>;
  struct Tables {
    std::set<LinuxDataPath*>& paths;
    std::set<dvpn::FastPath*>& told;
  };
  Borrowed(Tables tables, dvpn::FastPath& fast, LinuxTunnelPort& tunnel, Start start)
      : paths_(tables.paths), told_(tables.told), fast_(fast), tunnel_(tunnel), start_(std::move(start)) {
    told_.insert(&fast_);
    tunnel_.SetUser({[this] { Close(); }, [this] { (void)Open(); }});
  }
  ~Borrowed() override {
    Close();
    told_.erase(&fast_);
    tunnel_.SetUser({});
    tunnel_.Listen(true);
  }
  // Without it the port's own thread carries the traffic.
  Status Open() {
    tunnel_.Listen(false);
    auto path = start_();
    if (path.ok()) {
      path_ = std::move(*path);
      paths_.insert(path_.get());
    }
    if (!path.ok()) tunnel_.Listen(true);
    return path.status();
  }

 private:
  void Close() {
    paths_.erase(path_.get());
    path_.reset();
  }
  std::set<LinuxDataPath*>& paths_;
  std::set<dvpn::FastPath*>& told_;
  dvpn::FastPath& fast_;
  LinuxTunnelPort& tunnel_;
  const Start start_;
  std::unique_ptr<LinuxDataPath> path_;
};

}  // namespace

void LinuxPlatform::Hold() {
  impl_->options.held = true;
  for (LinuxDataPath* path : impl_->data_paths) path->Hold();
}

void LinuxPlatform::GoOn() {
  impl_->options.held = false;
  impl_->found.Keep();
  for (LinuxDataPath* path : impl_->data_paths) path->GoOn();
  impl_->Settle();
}

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
  auto borrowed =
      std::make_unique<Borrowed>(Borrowed::Tables{impl_->data_paths, impl_->fast_paths}, fast, port,
                                 [i = impl_.get(), &port, &socket, &fast, handlers = std::move(handlers)] {
                                   return LinuxDataPath::Start(i->loop, i->packets, port.tun(), socket, fast, handlers,
                                                               {i->options.held, i->options.cpus});
                                 });
  SW_TRY(borrowed->Open());
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
    impl_->protection = std::make_unique<LinuxProtection>(LinuxProtection::Parts{
        impl_->loop, impl_->packets, *impl_->netlink, *impl_->mirror, impl_->found,
        [i = impl_.get()](const std::string& what) { return i->May(what); },
        [i = impl_.get()](const std::string& what) { return i->mender.Rests(what, i->loop.now()); }});
  return impl_->protection->Open(bound != impl_->interfaces.end() ? bound->second.link : port->second,
                                 std::move(handlers));
}

void LinuxPlatform::OnChange(std::function<void()> handler) {
  impl_->on_change = std::move(handler);
}

}  // namespace sw::device
