#include "device/linux/linux_ports.h"

#include <cerrno>
#include <system_error>

#include "device/ping/echo_answer.h"

#include <utility>

#include "hal/ports/ipv4.h"

namespace sw::device {
namespace {

constexpr std::size_t kMtu = 1500;  // where no route tells

}  // namespace

LinuxTunnelPort::LinuxTunnelPort(EventLoop& loop, PacketPool& packets, const hal::RouteMirror& mirror,
                                 std::unique_ptr<hal::Tun> tun, int link, PacketHandler handler, Hooks hooks)
    : loop_(loop),
      packets_(packets),
      mirror_(mirror),
      tun_(std::move(tun)),
      link_(link),
      handler_(std::make_shared<PacketHandler>(std::move(handler))),
      hooks_(std::move(hooks)) {
  Listen(true);
}

void LinuxTunnelPort::Listen(bool on) {
  watch_ = on ? loop_.WatchReadable(tun_->fd(), [this] { Ready(); }) : nullptr;
}

Status LinuxTunnelPort::Reopen() {
  if (user_.stop) user_.stop();
  watch_.reset();
  auto again = hooks_.reopen();
  SW_TRY(again.status());
  tun_ = std::move(again->first);
  link_ = again->second;
  Listen(true);
  if (user_.start) user_.start();
  return {};
}

LinuxTunnelPort::~LinuxTunnelPort() {
  watch_.reset();
  tun_.reset();
  hooks_.closed();
}

void LinuxTunnelPort::Ready() {
  std::vector<PacketPtr> burst;
  tun_->Read(packets_, burst);
  // The kernel speaks IPv6 on every device, unasked.
  std::erase_if(burst, [](const PacketPtr& p) { return p->size() == 0 || p->data()[0] >> 4 != 4; });
  if (burst.empty()) return;
  hooks_.before_burst();
  const auto handler = handler_;
  (*handler)(burst);
}

LinuxUdpPort::LinuxUdpPort(EventLoop& loop, PacketPool& packets, std::unique_ptr<hal::UdpSocket> socket,
                           DatagramHandler handler)
    : packets_(packets),
      socket_(std::move(socket)),
      handler_(std::make_shared<DatagramHandler>(std::move(handler))),
      watch_(loop.WatchReadable(socket_->fd(), [this] { Ready(); })) {}

void LinuxUdpPort::Ready() {
  received_.clear();
  std::vector<hal::UdpView> views;
  socket_->Receive(packets_, received_, large_ ? &views : nullptr);
  std::vector<dvpn::Datagram> burst;
  burst.reserve(received_.size());
  for (hal::UdpDatagram& d : received_) burst.push_back({d.peer, std::move(d.packet)});
  std::vector<std::pair<Endpoint, Bytes>> large;
  for (const hal::UdpView& view : views) large.emplace_back(view.peer, Bytes(view.bytes.begin(), view.bytes.end()));
  const auto handler = handler_;  // either may end this port
  const auto large_handler = large_;
  if (!burst.empty()) (*handler)(burst);
  for (const auto& [from, bytes] : large) (*large_handler)(from, bytes);
}

bool LinuxUdpPort::SendLarge(Endpoint to, ByteView bytes) {
  Bytes copy(bytes.begin(), bytes.end());
  const hal::UdpView view{to, copy};
  return socket_->Send({&view, 1}) == 0;
}

std::size_t LinuxUdpPort::Send(std::vector<dvpn::Datagram>& burst) {
  sending_.clear();
  for (dvpn::Datagram& d : burst) {
    if (d.dont_fragment) {
      SendProbe(std::move(d));
    } else {
      sending_.push_back({d.peer, std::move(d.packet)});
    }
  }
  burst.clear();
  if (sending_.empty()) return 0;
  const std::size_t refused = socket_->Send(sending_);
  if (refused != 0) why_refused_ = std::generic_category().message(errno);  // of the last that was refused
  return refused;
}

// Rare, and each alone: as segments of one message, probes of two sizes would share one fate. One that the link refuses
// is an answer, not an error.
void LinuxUdpPort::SendProbe(dvpn::Datagram probe) {
  probes_.clear();
  probes_.push_back({probe.peer, std::move(probe.packet)});
  socket_->SetDontFragment(true);
  (void)socket_->Send(probes_);
  socket_->SetDontFragment(false);
}

LinuxRawIpPort::LinuxRawIpPort(EventLoop& loop, PacketPool& packets, const hal::RouteMirror& mirror,
                               std::unique_ptr<hal::RawIpSocket> socket, PacketHandler handler)
    : packets_(packets),
      mirror_(mirror),
      socket_(std::move(socket)),
      handler_(std::make_shared<PacketHandler>(std::move(handler))),
      watch_(loop.WatchReadable(socket_->fd(), [this] { Ready(); })) {}

void LinuxRawIpPort::Ready() {
  std::vector<PacketPtr> burst;
  socket_->Receive(packets_, burst);
  if (burst.empty()) return;
  const auto handler = handler_;
  (*handler)(burst);
}

// Destinations differ rarely within a burst; each run of one goes by its link's MTU.
std::size_t LinuxRawIpPort::Send(std::vector<PacketPtr>& burst) {
  std::size_t refused = 0;
  std::vector<PacketPtr> run;
  std::size_t mtu = 0;
  Ipv4 to;
  const auto flush = [&] {
    if (!run.empty()) refused += socket_->Send(packets_, run, mtu);
  };
  for (PacketPtr& packet : burst) {
    if (packet->size() < hal::kIpv4HeaderSize) {
      ++refused;
      continue;
    }
    const Ipv4 destination(Load32(&packet->data()[16]));
    if (mtu == 0 || destination != to) {
      flush();
      const hal::KernelLink* link = mirror_.LinkTo(destination);
      mtu = link == nullptr ? kMtu : static_cast<std::size_t>(link->mtu);
      to = destination;
    }
    run.push_back(std::move(packet));
  }
  flush();
  burst.clear();
  return refused;
}

LinuxEchoPort::LinuxEchoPort(EventLoop& loop, const hal::RouteMirror& mirror, std::unique_ptr<hal::EchoSocket> socket,
                             LinkOf link_of, std::function<void(const EchoReply&)> handler)
    : mirror_(mirror),
      socket_(std::move(socket)),
      link_of_(std::move(link_of)),
      handler_(std::make_shared<std::function<void(const EchoReply&)>>(std::move(handler))),
      watch_(loop.WatchReadable(socket_->fd(), [this] { Ready(); })) {}

Status LinuxEchoPort::Send(const EchoRequest& r) {
  if (r.source && !mirror_.IsLocal(*r.source)) {
    return {Code::kBadValue, r.source->ToString() + " is not an address of this device"};
  }
  const std::string link = r.interface.empty() ? "" : link_of_(r.interface);
  if (link.empty() && !r.interface.empty()) return {Code::kNotFound, "no link behind " + r.interface};
  Status sent = socket_->Send({r.destination, r.source, r.sequence, r.size, r.ttl, r.tos, r.dont_fragment, r.pattern,
                               link, r.direct, r.debug, r.port});
  if (sent.code() == Code::kNotFound && r.direct)
    return {Code::kNotFound, r.destination.ToString() + " is not on a network of this device"};
  return sent;
}

void LinuxEchoPort::Ready() {
  std::vector<EchoReply> replies;
  socket_->Receive([&replies](const hal::EchoResult& result, Ipv4 from, int ttl) {
    const EchoAnswer answer = AnswerOf(result);
    replies.push_back({answer, from, result.sequence, ttl, result.size});
  });
  const auto handler = handler_;
  for (const EchoReply& reply : replies) (*handler)(reply);
}

}  // namespace sw::device
