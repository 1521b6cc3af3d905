#include "device/linux/linux_protection.h"

#include <algorithm>
#include <span>
#include <utility>

#include "hal/ports/ipv4.h"
#include "ipsec/ip_header.h"

namespace sw::device {
namespace {

constexpr std::uint8_t kAnything = 255;  // IPPROTO_RAW, which only sends
// ICMP, IGMP, IP in IP, TCP, UDP, GRE, EIGRP, OSPF, PIM, VRRP, L2TP, SCTP.
constexpr std::uint8_t kNamedProtocols[] = {1, 2, 4, 6, 17, 47, 88, 89, 103, 112, 115, 132};
constexpr std::uint8_t kEveryProtocol[] = {0};
constexpr std::uint32_t kMainTable = 254;   // RT_TABLE_MAIN
constexpr std::uint32_t kLocalTable = 255;  // RT_TABLE_LOCAL
constexpr char kLooseReversePath[] = "2";
constexpr std::size_t kMtu = 1500;  // of a link that tells none

bool Overlap(const Prefix& a, const Prefix& b) {
  return a.Contains(b.address) || b.Contains(a.address);
}

Status Unless(Status status, Code harmless) {
  return status.code() == harmless ? Status() : status;
}

hal::KernelRule NoTransit(const std::string& link) {
  return {.priority = LinuxProtection::kTransitRule, .table = 0, .input = link};
}

hal::KernelRule Local(std::uint32_t priority) {
  return {.priority = priority, .table = kLocalTable};
}

}  // namespace

Status LinuxProtection::Start() {
  if (sender_) return {};
  const auto open = [](std::unique_ptr<hal::RawIpSocket>& socket, std::uint8_t protocol) -> Status {
    auto opened = hal::RawIpSocket::Open(protocol, kMark);
    SW_TRY(opened.status());
    socket = std::move(*opened);
    return {};
  };
  SW_TRY(open(esp_, ipsec::kProtocolEsp));
  SW_TRY(open(ah_, ipsec::kProtocolAh));
  // Marked packets see the main table and nothing of ours; all others look for protection first. A rule that a
  // predecessor left is as good.
  rules_ = {{.priority = kFirstRule, .mark = kMark, .table = kMainTable},
            {.priority = kFirstRule + 1, .mark = kMark, .table = 0},
            {.priority = kFirstRule + 2, .table = kOutTable}};
  for (const hal::KernelRule& rule : rules_) SW_TRY(Unless(netlink_.AddRule(rule), Code::kExists));
  // There is a rule for the local table at every moment; after a predecessor that was killed there is ours alone.
  SW_TRY(Unless(netlink_.AddRule(Local(kLocalRule)), Code::kExists));
  SW_TRY(Unless(netlink_.RemoveRule(Local(0)), Code::kNotFound));
  SW_TRY(open(sender_, kAnything));
  esp_watch_ = loop_.WatchReadable(esp_->fd(), [this] { Receive(*esp_); });
  ah_watch_ = loop_.WatchReadable(ah_->fd(), [this] { Receive(*ah_); });
  return {};
}

void LinuxProtection::Stop() {
  esp_watch_.reset();
  ah_watch_.reset();
  if (!rules_.empty() && Unless(netlink_.AddRule(Local(0)), Code::kExists).ok())
    (void)netlink_.RemoveRule(Local(kLocalRule));
  for (const hal::KernelRule& rule : rules_) (void)netlink_.RemoveRule(rule);
  rules_.clear();
  sender_.reset();
  esp_.reset();
  ah_.reset();
}

void LinuxProtection::Receive(hal::RawIpSocket& socket) {
  std::vector<PacketPtr> burst;
  socket.Receive(packets_, burst);
  if (burst.empty() || ports_.empty()) return;
  ports_.front()->handlers().secured(burst);
}

Result<std::pair<std::unique_ptr<hal::Tun>, int>> LinuxProtection::Device(const std::string& name, int mtu) {
  auto tun = hal::Tun::Open(name);
  SW_TRY(tun.status());
  SW_TRY(mirror_.Poll().status());
  const hal::KernelLink* link = mirror_.Link(name);
  if (link == nullptr) return Status(Code::kDevice, name + ": the device did not appear");
  const int index = link->index;
  SW_TRY(netlink_.SetMtu(index, std::min(mtu, hal::Tun::kMaxMtu)));
  SW_TRY(netlink_.SetUp(index, true));
  SW_TRY(Sysctl::Write("net/ipv4/conf/" + name + "/rp_filter", kLooseReversePath));  // goes with the device
  return std::pair(std::move(*tun), index);
}

Result<std::unique_ptr<ProtectionPort>> LinuxProtection::Open(const std::string& link, ProtectionHandlers handlers) {
  SW_TRY(mirror_.Poll().status());
  const hal::KernelLink* bound = mirror_.Link(link);
  if (bound == nullptr) return Status(Code::kNotFound, "no link " + link);
  const int mtu = bound->mtu;
  const std::string name = "ipsec" + std::to_string(bound->index);
  if (Status started = Start(); !started.ok()) {
    if (ports_.empty()) Stop();
    return started;
  }
  auto out = Device(name, mtu);
  SW_TRY(out.status());
  auto in = Device(name + "in", mtu);
  SW_TRY(in.status());
  const std::uint32_t table = last_table_++;
  hal::KernelRoute all;
  all.protocol = hal::kOurProtocol;
  all.table = table;
  all.hops = {{in->second, {}}};
  SW_TRY(netlink_.AddRoute(all, hal::Netlink::IfThere::kReplace));
  const std::string setting = "net/ipv4/conf/" + link + "/forwarding";
  // A predecessor that was killed has left the rule, and what belongs to it.
  if (netlink_.RemoveRule(NoTransit(link)).ok()) SW_TRY(Sysctl::Write(setting, "0"));
  auto forwarding = Sysctl::Set(setting, "1");
  SW_TRY(forwarding.status());
  std::unique_ptr<ProtectionPort> port =
      std::make_unique<LinuxProtectionPort>(*this, link, std::move(out->first), out->second, std::move(in->first),
                                            table, std::move(*forwarding), std::move(handlers));
  return port;
}

LinuxProtectionPort::LinuxProtectionPort(LinuxProtection& shared, std::string link, std::unique_ptr<hal::Tun> out,
                                         int out_link, std::unique_ptr<hal::Tun> in, std::uint32_t table,
                                         Sysctl forwarding, ProtectionHandlers handlers)
    : shared_(shared),
      link_(std::move(link)),
      out_(std::move(out)),
      in_(std::move(in)),
      out_link_(out_link),
      table_(table),
      forwarding_(std::move(forwarding)),
      no_transit_(NoTransit(link_)),
      handlers_(std::make_shared<ProtectionHandlers>(std::move(handlers))),
      out_watch_(shared.loop_.WatchReadable(out_->fd(), [this] { Leaving(); })),
      in_watch_(shared.loop_.WatchReadable(in_->fd(), [this] { Coming(); })) {
  shared_.ports_.push_back(this);
  if (forwarding_.changed()) (void)shared_.netlink_.AddRule(no_transit_);
}

// The routes go with the devices.
LinuxProtectionPort::~LinuxProtectionPort() {
  out_watch_.reset();
  in_watch_.reset();
  if (forwarding_.changed()) (void)shared_.netlink_.RemoveRule(no_transit_);
  for (const hal::KernelRule& rule : rules_) (void)shared_.netlink_.RemoveRule(rule);
  out_.reset();
  in_.reset();
  std::erase(shared_.ports_, this);
  if (shared_.ports_.empty()) shared_.Stop();
}

void LinuxProtectionPort::SetFlows(const std::vector<Prefix>& remote) {
  if (remote == flows_) return;
  for (const hal::KernelRule& rule : rules_) (void)shared_.netlink_.RemoveRule(rule);
  for (const hal::KernelRoute& route : routes_) (void)shared_.netlink_.RemoveRoute(route);
  rules_.clear();
  routes_.clear();
  flows_ = remote;
  (void)shared_.mirror_.Poll();
  const hal::KernelLink* link = shared_.mirror_.Link(link_);
  std::vector<Prefix> own;
  for (const hal::KernelAddress& address : shared_.mirror_.addresses())
    if (link != nullptr && address.link == link->index) own.push_back(address.prefix);
  for (const Prefix& prefix : remote) {
    hal::KernelRoute route;
    route.destination = prefix;
    route.protocol = hal::kOurProtocol;
    route.table = LinuxProtection::kOutTable;
    if (!own.empty()) route.source = own.front().address;
    route.hops = {{out_link_, {}}};
    if (shared_.netlink_.AddRoute(route, hal::Netlink::IfThere::kReplace).ok()) routes_.push_back(route);
    // Neighbours ask by ARP, and the kernel asks the rules whether to answer: there they name protocols.
    const bool neighbours = std::ranges::any_of(own, [&](const Prefix& p) { return Overlap(p, prefix); });
    for (const std::uint8_t protocol :
         neighbours ? std::span<const std::uint8_t>(kNamedProtocols) : std::span<const std::uint8_t>(kEveryProtocol)) {
      const hal::KernelRule rule{.priority = LinuxProtection::kInRule,
                                 .table = table_,
                                 .source = prefix,
                                 .input = link_,
                                 .protocol = protocol};
      if (Unless(shared_.netlink_.AddRule(rule), Code::kExists).ok()) rules_.push_back(rule);
    }
  }
}

std::vector<PacketPtr> LinuxProtectionPort::Read(hal::Tun& tun) {
  std::vector<PacketPtr> packets;
  tun.Read(shared_.packets_, packets);
  std::erase_if(packets, [](const PacketPtr& p) { return p->size() < hal::kIpv4HeaderSize || p->data()[0] >> 4 != 4; });
  return packets;
}

void LinuxProtectionPort::Leaving() {
  std::vector<PacketPtr> packets = Read(*out_);
  if (packets.empty()) return;
  const auto handlers = handlers_;
  handlers->outbound(packets);
  if (!packets.empty()) Send(packets);
}

void LinuxProtectionPort::Coming() {
  std::vector<PacketPtr> packets = Read(*in_);
  if (packets.empty()) return;
  const auto handlers = handlers_;
  handlers->inbound(packets);
  if (!packets.empty()) Deliver(packets);
}

void LinuxProtectionPort::Send(std::vector<PacketPtr>& burst) {
  if (burst.empty() || !shared_.sender_) return burst.clear();
  const hal::KernelLink* link = shared_.mirror_.Link(link_);
  (void)shared_.sender_->Send(shared_.packets_, burst, link == nullptr ? kMtu : static_cast<std::size_t>(link->mtu));
}

}  // namespace sw::device
