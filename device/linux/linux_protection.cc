#include "device/linux/linux_protection.h"

#include <algorithm>
#include <utility>

#include "device/linux/sysctl.h"
#include "hal/ports/ipv4.h"
#include "ipsec/ip_header.h"

namespace sw::device {
namespace {

constexpr std::uint8_t kAnything = 255;    // IPPROTO_RAW, which only sends
constexpr std::uint32_t kMainTable = 254;  // RT_TABLE_MAIN
constexpr char kLooseReversePath[] = "2";
constexpr std::size_t kMtu = 1500;  // of a link that tells none

Status Unless(Status status, Code harmless) {
  return status.code() == harmless ? Status() : status;
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
            {.priority = kFirstRule + 3, .table = kOutTable}};
  for (const hal::KernelRule& rule : rules_) SW_TRY(Unless(netlink_.AddRule(rule), Code::kExists));
  SW_TRY(open(sender_, kAnything));
  esp_watch_ = loop_.WatchReadable(esp_->fd(), [this] { Receive(*esp_); });
  ah_watch_ = loop_.WatchReadable(ah_->fd(), [this] { Receive(*ah_); });
  return {};
}

void LinuxProtection::Stop() {
  esp_watch_.reset();
  ah_watch_.reset();
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
  auto tun = hal::Tun::Open(name);
  SW_TRY(tun.status());
  SW_TRY(mirror_.Poll().status());
  const hal::KernelLink* device = mirror_.Link(name);
  if (device == nullptr) return Status(Code::kDevice, name + ": the device did not appear");
  const int index = device->index;
  SW_TRY(netlink_.SetMtu(index, std::min(mtu, hal::Tun::kMaxMtu)));
  SW_TRY(netlink_.SetUp(index, true));
  SW_TRY(Sysctl::Write("net/ipv4/conf/" + name + "/rp_filter", kLooseReversePath));  // goes with the device
  const std::uint32_t table = last_table_++;
  hal::KernelRoute all;
  all.protocol = hal::kOurProtocol;
  all.table = table;
  all.hops = {{index, {}}};
  SW_TRY(netlink_.AddRoute(all, hal::Netlink::IfThere::kReplace));
  std::unique_ptr<ProtectionPort> port =
      std::make_unique<LinuxProtectionPort>(*this, link, std::move(*tun), index, table, std::move(handlers));
  return port;
}

LinuxProtectionPort::LinuxProtectionPort(LinuxProtection& shared, std::string link, std::unique_ptr<hal::Tun> tun,
                                         int tun_link, std::uint32_t table, ProtectionHandlers handlers)
    : shared_(shared),
      link_(std::move(link)),
      tun_(std::move(tun)),
      tun_link_(tun_link),
      table_(table),
      handlers_(std::make_shared<ProtectionHandlers>(std::move(handlers))),
      watch_(shared.loop_.WatchReadable(tun_->fd(), [this] { Ready(); })) {
  shared_.ports_.push_back(this);
}

// The routes go with the device.
LinuxProtectionPort::~LinuxProtectionPort() {
  watch_.reset();
  for (const hal::KernelRule& rule : rules_) (void)shared_.netlink_.RemoveRule(rule);
  tun_.reset();
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
  Ipv4 source;
  for (const hal::KernelAddress& address : shared_.mirror_.addresses())
    if (link != nullptr && address.link == link->index && source.empty()) source = address.prefix.address;
  for (const Prefix& prefix : remote) {
    hal::KernelRoute route;
    route.destination = prefix;
    route.protocol = hal::kOurProtocol;
    route.table = LinuxProtection::kOutTable;
    route.source = source;
    route.hops = {{tun_link_, {}}};
    if (shared_.netlink_.AddRoute(route, hal::Netlink::IfThere::kReplace).ok()) routes_.push_back(route);
    const hal::KernelRule rule{
        .priority = LinuxProtection::kFirstRule + 2, .table = table_, .source = prefix, .input = link_};
    if (Unless(shared_.netlink_.AddRule(rule), Code::kExists).ok()) rules_.push_back(rule);
  }
}

void LinuxProtectionPort::Ready() {
  std::vector<PacketPtr> outbound, inbound;
  tun_->Read(shared_.packets_, outbound);
  std::erase_if(outbound,
                [](const PacketPtr& p) { return p->size() < hal::kIpv4HeaderSize || p->data()[0] >> 4 != 4; });
  if (outbound.empty()) return;
  // The rules bring what goes to a flow, and what comes from one and goes elsewhere.
  for (PacketPtr& packet : outbound) {
    const Ipv4 destination(Load32(&packet->data()[16]));
    if (std::ranges::none_of(flows_, [destination](const Prefix& p) { return p.Contains(destination); }))
      inbound.push_back(std::move(packet));
  }
  std::erase(outbound, nullptr);
  const auto handlers = handlers_;
  if (!inbound.empty()) {
    handlers->inbound(inbound);
    Deliver(inbound);
  }
  if (!outbound.empty()) {
    handlers->outbound(outbound);
    Send(outbound);
  }
}

void LinuxProtectionPort::Send(std::vector<PacketPtr>& burst) {
  if (burst.empty() || !shared_.sender_) return burst.clear();
  const hal::KernelLink* link = shared_.mirror_.Link(link_);
  (void)shared_.sender_->Send(shared_.packets_, burst, link == nullptr ? kMtu : static_cast<std::size_t>(link->mtu));
}

}  // namespace sw::device
