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

std::vector<hal::KernelRule> SharedRules() {
  using P = LinuxProtection;
  return {{.priority = P::kFirstRule, .mark = P::kMark, .table = kMainTable},
          {.priority = P::kFirstRule + 1, .mark = P::kMark, .table = 0},
          {.priority = P::kFirstRule + 2, .table = P::kOutTable}};
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
  found_.Note(Found::kRules, {});
  rules_ = SharedRules();
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
  found_.Drop(Found::kRules);
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
  const int index = bound->index, mtu = bound->mtu;
  if (Status started = Start(); !started.ok()) {
    if (ports_.empty()) Stop();
    return started;
  }
  auto port = std::make_unique<LinuxProtectionPort>(*this, link, index, last_table_++, std::move(handlers));
  SW_TRY(port->OpenDevices(mtu));
  SW_TRY(port->SetForwarding());
  return std::unique_ptr<ProtectionPort>(std::move(port));
}

// A rule or route that is there already was never gone.
void LinuxProtection::MendRule(const hal::KernelRule& rule) {
  const std::string what = "rule " + std::to_string(rule.priority);
  if (!rests_(what) && netlink_.AddRule(rule).ok() && !may_mend_(what)) (void)netlink_.RemoveRule(rule);
}

void LinuxProtection::MendRoute(const hal::KernelRoute& route) {
  const std::string what = "route to " + route.destination.ToString() + " in table " + std::to_string(route.table);
  if (!rests_(what) && netlink_.AddRoute(route, hal::Netlink::IfThere::kFail).ok() && !may_mend_(what))
    (void)netlink_.RemoveRoute(route);
}

void LinuxProtection::Mend(bool rules) {
  if (rules && sender_) {
    for (const hal::KernelRule& rule : rules_) MendRule(rule);
    MendRule(Local(kLocalRule));
  }
  for (LinuxProtectionPort* port : ports_) port->Mend(rules);
}

void LinuxProtection::Sweep(hal::Netlink& netlink) {
  constexpr std::uint32_t kMostTables = 64;
  if (Unless(netlink.AddRule(Local(0)), Code::kExists).ok()) (void)netlink.RemoveRule(Local(kLocalRule));
  for (const hal::KernelRule& rule : SharedRules()) (void)netlink.RemoveRule(rule);
  for (std::uint32_t table = kFirstInTable; table < kFirstInTable + kMostTables; ++table)
    while (netlink.RemoveRule({.priority = kInRule, .table = table}).ok()) {
    }
}

LinuxProtectionPort::LinuxProtectionPort(LinuxProtection& shared, std::string link, int index, std::uint32_t table,
                                         ProtectionHandlers handlers)
    : shared_(shared),
      link_(std::move(link)),
      name_("ipsec" + std::to_string(index)),
      link_index_(index),
      table_(table),
      no_transit_(NoTransit(link_)),
      handlers_(std::make_shared<ProtectionHandlers>(std::move(handlers))) {
  shared_.ports_.push_back(this);
}

Status LinuxProtectionPort::OpenDevices(int mtu) {
  out_watch_.reset();
  in_watch_.reset();
  out_.reset();
  in_.reset();
  auto out = shared_.Device(name_, mtu);
  SW_TRY(out.status());
  auto in = shared_.Device(name_ + "in", mtu);
  SW_TRY(in.status());
  out_ = std::move(out->first);
  in_ = std::move(in->first);
  out_link_ = out->second;
  in_link_ = in->second;
  out_watch_ = shared_.loop_.WatchReadable(out_->fd(), [this] { Leaving(); });
  in_watch_ = shared_.loop_.WatchReadable(in_->fd(), [this] { Coming(); });
  all_in_ = {};
  all_in_.protocol = hal::kOurProtocol;
  all_in_.table = table_;
  all_in_.hops = {{in_link_, {}}};
  return shared_.netlink_.AddRoute(all_in_, hal::Netlink::IfThere::kReplace);
}

Status LinuxProtectionPort::SetForwarding() {
  const std::string setting = "net/ipv4/conf/" + link_ + "/forwarding";
  // A predecessor that was killed, or this port on the link that went, has left the rule, and what belongs to it.
  // Where it was noted what the setting was, nothing need be guessed from the rule, and traffic goes on.
  const bool noted = shared_.found_.unclaimed().contains(Found::Sysctl(setting));
  if (!noted && shared_.netlink_.RemoveRule(no_transit_).ok()) SW_TRY(Sysctl::Write(setting, "0"));
  forwarding_.reset();
  auto forwarding = Sysctl::Set(setting, "1", shared_.found_);
  SW_TRY(forwarding.status());
  forwarding_.emplace(std::move(*forwarding));
  if (forwarding_->changed()) (void)shared_.netlink_.AddRule(no_transit_);
  return {};
}

void LinuxProtectionPort::Mend(bool rules) {
  const hal::KernelLink* link = shared_.mirror_.Link(link_);
  if (link == nullptr) return;
  const int mtu = link->mtu;
  if (std::exchange(link_index_, link->index) != link->index) (void)SetForwarding();
  const bool there = shared_.mirror_.Link(out_link_) != nullptr && shared_.mirror_.Link(in_link_) != nullptr;
  if (!there && shared_.may_mend_("interface " + name_) && OpenDevices(mtu).ok()) {
    rules_.clear();  // they stand, and are added again as such
    SetFlows(std::exchange(flows_, {}));
  }
  if (!rules) return;
  shared_.MendRoute(all_in_);
  for (const hal::KernelRoute& route : routes_) shared_.MendRoute(route);
  for (const hal::KernelRule& rule : rules_) shared_.MendRule(rule);
  if (forwarding_ && forwarding_->changed()) shared_.MendRule(no_transit_);
}

// The routes go with the devices.
LinuxProtectionPort::~LinuxProtectionPort() {
  out_watch_.reset();
  in_watch_.reset();
  if (forwarding_ && forwarding_->changed()) (void)shared_.netlink_.RemoveRule(no_transit_);
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
