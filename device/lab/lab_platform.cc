#include "device/lab/lab_platform.h"

#include <utility>

#include "device/lab/lab_ports.h"

namespace sw::device {
namespace {

constexpr int kMaxMtu = Packet::kRoom - Packet::kHeadroom;
constexpr std::uint16_t kFirstFreePort = 49152;  // RFC 6335: dynamic ports

// A VLAN of a port: the usable interfaces on it, of which the first by name has it, and what is announced for that one.
struct Vlan {
  std::map<std::string, Interface*> interfaces;
  std::vector<Ipv4> announced;
};
struct Jack {
  std::unique_ptr<hal::VirtualLink::Port> port;
  bool plugged = true;
  std::map<int, Vlan> vlans;  // 0: the port itself
};

InterfaceStatus StatusOf(const std::string& name, const Interface& i) {
  return {name,          i.settings.up,  i.usable(),       i.settings.addresses, i.settings.mtu, i.mac, i.input_packets,
          i.input_bytes, i.input_errors, i.output_packets, i.output_bytes,       i.output_errors};
}

}  // namespace

struct LabPlatform::Impl {
  Impl(Scheduler& scheduler, PacketPool& packets) : node(scheduler, packets) {}
  ~Impl() { node.scheduler.Cancel(change_timer); }

  LabNode node;
  std::map<std::string, Jack> jacks;
  std::function<void()> on_change;
  Scheduler::TimerId change_timer = 0;
  std::uint16_t last_echo_id = 0;
  std::map<std::string, int> placed;                   // usable interfaces of ports: on which VLAN
  std::map<std::string, std::vector<Ipv4>> addresses;  // of each interface that has some
  std::map<Ipv4, std::size_t> own;                     // how many interfaces have each address

  // After a change of this interface, and of those on it: whether it has a link, who answers for its addresses, which
  // routes follow.
  void Refresh(const std::string& name) {
    node.stack.routes().Invalidate();
    const auto found = node.interfaces.find(name);
    Interface* interface = found == node.interfaces.end() ? nullptr : &found->second;
    Own(name, interface);
    const auto parsed = ParseInterfaceName(name);
    if (parsed->kind == InterfaceKind::kGigabitEthernet) {
      interface->link = jacks.at(name).plugged;
      Place(name, interface, jacks.at(name), 0);
      const std::string subs = name + ".";
      for (auto sub = node.interfaces.lower_bound(subs); sub != node.interfaces.end() && sub->first.starts_with(subs);
           ++sub)
        RefreshSub(sub->first, &sub->second, name);
    } else if (parsed->kind == InterfaceKind::kSubInterface) {
      RefreshSub(name, interface, parsed->parent);
    }
  }

  void RefreshSub(const std::string& name, Interface* interface, const std::string& parent) {
    const auto jack = jacks.find(parent);
    if (jack == jacks.end()) return;
    if (interface != nullptr)
      interface->link = jack->second.plugged && node.interfaces.at(parent).settings.up && interface->settings.vlan != 0;
    Place(name, interface, jack->second, interface == nullptr ? 0 : interface->settings.vlan);
  }

  // Puts the interface on its VLAN while it is usable, and off the one it was on.
  void Place(const std::string& name, Interface* interface, Jack& jack, int vlan) {
    if (const auto before = placed.find(name); before != placed.end()) {
      jack.vlans[before->second].interfaces.erase(name);
      Announce(jack, before->second);
      placed.erase(before);
    }
    if (interface == nullptr || !interface->usable()) return;
    placed.emplace(name, vlan);
    jack.vlans[vlan].interfaces.emplace(name, interface);
    Announce(jack, vlan);
  }

  static void Announce(Jack& jack, int vlan) {
    Vlan& here = jack.vlans[vlan];
    std::vector<Ipv4> now;
    if (!here.interfaces.empty())
      for (const Prefix& own : here.interfaces.begin()->second->settings.addresses) now.push_back(own.address);
    jack.port->ChangeStations(static_cast<std::uint16_t>(vlan), here.announced, now);
    here.announced = std::move(now);
    if (here.interfaces.empty()) jack.vlans.erase(vlan);
  }

  void Own(const std::string& name, const Interface* interface) {
    std::vector<Ipv4>& before = addresses[name];
    for (const Ipv4 address : before)
      if (const auto count = own.find(address); --count->second == 0) own.erase(count);
    before.clear();
    if (interface != nullptr)
      for (const Prefix& prefix : interface->settings.addresses) before.push_back(prefix.address);
    for (const Ipv4 address : before) ++own[address];
    if (before.empty()) addresses.erase(name);
  }

  void Receive(Jack& jack, std::vector<hal::Frame>& burst) {
    for (hal::Frame& frame : burst) {
      auto it = jack.vlans.find(frame.vlan);
      if (it != jack.vlans.end()) node.stack.Input(*it->second.interfaces.begin()->second, std::move(frame.packet));
    }
  }

  Interface& Create(const std::string& name, InterfaceKind kind, int mtu) {
    Interface& interface = node.interfaces[name];
    interface.settings.name = name;
    interface.settings.mtu = interface.own_mtu = mtu;
    interface.kind = kind;
    interface.link = kind != InterfaceKind::kSubInterface;
    return interface;
  }

  void ConnectToJack(Interface& interface, const std::string& port) {
    hal::VirtualLink::Port* out = jacks.at(port).port.get();
    interface.mac = node.interfaces.at(port).mac;
    interface.output = [out, &interface](Ipv4 next_hop, PacketPtr packet) {
      out->Send({next_hop, static_cast<std::uint16_t>(interface.settings.vlan), std::move(packet)});
    };
  }
};

LabPlatform::LabPlatform(Scheduler& scheduler, PacketPool& packets)
    : impl_(std::make_unique<Impl>(scheduler, packets)) {}
LabPlatform::~LabPlatform() = default;

Scheduler& LabPlatform::scheduler() {
  return impl_->node.scheduler;
}
PacketPool& LabPlatform::packets() {
  return impl_->node.packets;
}

Status LabPlatform::AddPort(const std::string& name, hal::VirtualLink& link, const hal::Impairment& cable,
                            std::array<std::uint8_t, 6> mac, int mtu) {
  const auto parsed = ParseInterfaceName(name);
  if (!parsed || parsed->kind != InterfaceKind::kGigabitEthernet) {
    return {Code::kBadValue, name + " is not a port"};
  }
  if (impl_->jacks.contains(name)) return {Code::kExists, name + " is joined to a link already"};
  Jack& jack = impl_->jacks[name];
  jack.port = link.Attach(cable, [this, &jack](std::vector<hal::Frame>& burst) { impl_->Receive(jack, burst); });
  Interface& interface = impl_->Create(name, InterfaceKind::kGigabitEthernet, mtu);
  interface.mac = mac;
  impl_->ConnectToJack(interface, name);
  impl_->Refresh(name);
  return {};
}

Status LabPlatform::SetCable(const std::string& name, bool plugged) {
  auto it = impl_->jacks.find(name);
  if (it == impl_->jacks.end()) return {Code::kNotFound, "no port " + name};
  if (it->second.plugged == plugged) return {};
  it->second.plugged = plugged;
  impl_->Refresh(name);
  if (impl_->change_timer == 0) {
    impl_->change_timer = scheduler().At(scheduler().now(), [this] {
      impl_->change_timer = 0;
      if (impl_->on_change) impl_->on_change();
    });
  }
  return {};
}

Status LabPlatform::SetInterface(const InterfaceSettings& settings) {
  SW_TRY(Check(settings));
  if (settings.mtu > kMaxMtu) {
    return {Code::kBadValue, settings.name + ": a lab's MTU is at most " + std::to_string(kMaxMtu)};
  }
  const InterfaceName name = *ParseInterfaceName(settings.name);
  auto it = impl_->node.interfaces.find(settings.name);
  if (it == impl_->node.interfaces.end()) {
    const bool made_here = name.kind == InterfaceKind::kLoopBack || name.kind == InterfaceKind::kSubInterface;
    if (!made_here || (!name.parent.empty() && !impl_->jacks.contains(name.parent))) {
      return {Code::kNotFound, "no interface " + (name.parent.empty() ? settings.name : name.parent)};
    }
    Interface& interface = impl_->Create(settings.name, name.kind, kMtu);
    if (!name.parent.empty()) impl_->ConnectToJack(interface, name.parent);
    it = impl_->node.interfaces.find(settings.name);
  }
  const int mtu = settings.mtu != 0 ? settings.mtu : it->second.own_mtu;
  it->second.settings = settings;
  it->second.settings.mtu = mtu;
  impl_->Refresh(settings.name);
  return {};
}

Status LabPlatform::RemoveInterface(const std::string& name) {
  auto it = impl_->node.interfaces.find(name);
  if (it == impl_->node.interfaces.end()) return {Code::kNotFound, "no interface " + name};
  Interface& interface = it->second;
  if (interface.kind == InterfaceKind::kLoopBack || interface.kind == InterfaceKind::kSubInterface) {
    impl_->node.interfaces.erase(it);
  } else {
    interface.settings.addresses.clear();
    interface.settings.up = true;
    interface.settings.mtu = interface.own_mtu;
  }
  impl_->Refresh(name);
  return {};
}

std::vector<InterfaceStatus> LabPlatform::interfaces() const {
  std::vector<InterfaceStatus> out;
  for (const auto& [name, interface] : impl_->node.interfaces) out.push_back(StatusOf(name, interface));
  return out;
}

std::optional<InterfaceStatus> LabPlatform::interface(const std::string& name) const {
  const auto found = impl_->node.interfaces.find(name);
  return found == impl_->node.interfaces.end() ? std::nullopt : std::optional(StatusOf(name, found->second));
}

Status LabPlatform::AddRoute(const StaticRoute& route) {
  return impl_->node.stack.routes().Add(route);
}
Status LabPlatform::RemoveRoute(const StaticRoute& route) {
  return impl_->node.stack.routes().Remove(route);
}
std::vector<RouteEntry> LabPlatform::routes() const {
  return impl_->node.stack.routes().entries();
}

Result<std::unique_ptr<TunnelPort>> LabPlatform::OpenTunnel(const std::string& name, int mtu, PacketHandler handler) {
  InterfaceSettings settings;
  settings.name = name;
  settings.mtu = mtu;
  SW_TRY(Check(settings));
  if (ParseInterfaceName(name)->kind != InterfaceKind::kTunnel) return Status(Code::kBadValue, name + " is no tunnel");
  if (mtu < 1 || mtu > kMaxMtu) return Status(Code::kBadValue, name + ": MTU out of range");
  if (impl_->node.interfaces.contains(name)) return Status(Code::kExists, name + " is open already");
  Interface& interface = impl_->Create(name, InterfaceKind::kTunnel, mtu);
  impl_->Refresh(name);
  std::unique_ptr<TunnelPort> port =
      std::make_unique<LabTunnelPort>(impl_->node, interface, std::move(handler), [impl = impl_.get(), name] {
        impl->node.interfaces.erase(name);
        impl->Refresh(name);
      });
  return port;
}

Result<std::unique_ptr<UdpPort>> LabPlatform::OpenUdp(Endpoint local, DatagramHandler handler) {
  const bool ours = local.address.empty() || local.address.loopback() || impl_->own.contains(local.address);
  if (!ours) return Status(Code::kBadValue, local.address.ToString() + " is not an address of this device");
  const auto& open = impl_->node.udp;
  if (local.port == 0) {
    std::uint16_t port = kFirstFreePort;
    while (port != 0 && open.contains({local.address, port})) ++port;
    if (port == 0) return Status(Code::kInUse, "no free UDP port");
    local.port = port;
  }
  if (open.contains(local)) return Status(Code::kInUse, "UDP " + local.ToString() + " is taken");
  std::unique_ptr<UdpPort> port = std::make_unique<LabUdpPort>(impl_->node, local, std::move(handler));
  return port;
}

Result<std::unique_ptr<RawIpPort>> LabPlatform::OpenRawIp(std::uint8_t protocol, PacketHandler handler) {
  if (impl_->node.raw.contains(protocol)) return Status(Code::kInUse, "IP protocol " + std::to_string(protocol));
  std::unique_ptr<RawIpPort> port = std::make_unique<LabRawIpPort>(impl_->node, protocol, std::move(handler));
  return port;
}

bool LabPlatform::HasAddress(Ipv4 address) const {
  return impl_->node.stack.IsLocal(address);
}

std::optional<Exit> LabPlatform::ExitTo(Ipv4 destination) const {
  const auto hop = impl_->node.stack.routes().Find(destination);
  if (!hop || hop->kind != Hop::Kind::kForward) return std::nullopt;
  return Exit{hop->interface->settings.name, hop->interface->settings.mtu};
}

Result<std::unique_ptr<EchoPort>> LabPlatform::OpenEcho(std::function<void(const EchoReply&)> handler) {
  do {
    ++impl_->last_echo_id;
  } while (impl_->node.echo.contains(impl_->last_echo_id));
  std::unique_ptr<EchoPort> port = std::make_unique<LabEchoPort>(impl_->node, impl_->last_echo_id, std::move(handler));
  return port;
}

Result<std::unique_ptr<ProtectionPort>> LabPlatform::OpenProtection(const std::string& interface,
                                                                    ProtectionHandlers handlers) {
  const auto found = impl_->node.interfaces.find(interface);
  if (found == impl_->node.interfaces.end()) return Status(Code::kNotFound, "no interface " + interface);
  if (found->second.on_output) return Status(Code::kInUse, interface + " is protected already");
  std::unique_ptr<ProtectionPort> port =
      std::make_unique<LabProtectionPort>(impl_->node, interface, std::move(handlers));
  return port;
}

void LabPlatform::OnChange(std::function<void()> handler) {
  impl_->on_change = std::move(handler);
}

}  // namespace sw::device
