#include "hal/ports/echo_socket.h"

#include <linux/icmp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sw::hal {
namespace {

constexpr std::size_t kMaxPacket = 65535;

Status Option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof value) == 0) return {};
  return {Code::kBadValue, std::string("ICMP socket option: ") + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<EchoSocket>> EchoSocket::Open(std::uint16_t id) {
  Descriptor fd(::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP));
  if (!fd.valid()) {
    return Status(errno == EPERM || errno == EACCES ? Code::kDenied : Code::kDevice,
                  std::string("ICMP socket: ") + std::strerror(errno));
  }
  icmp_filter filter{};
  filter.data =
      ~((1U << static_cast<unsigned>(IcmpType::kEchoReply)) | (1U << static_cast<unsigned>(IcmpType::kUnreachable)) |
        (1U << static_cast<unsigned>(IcmpType::kTimeExceeded)));
  if (::setsockopt(fd.get(), SOL_RAW, ICMP_FILTER, &filter, sizeof filter) != 0) {
    return Status(Code::kDevice, std::string("ICMP filter: ") + std::strerror(errno));
  }
  return std::unique_ptr<EchoSocket>(new EchoSocket(std::move(fd), id));
}

// The kernel chooses the port that the datagrams come from, by which their errors are known.
Status EchoSocket::OpenDatagrams() {
  if (datagrams_.valid()) return {};
  Descriptor opened(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in own{};
  own.sin_family = AF_INET;
  socklen_t length = sizeof own;
  auto* address = reinterpret_cast<sockaddr*>(&own);
  if (!opened.valid() || ::bind(opened.get(), address, length) != 0 ||
      ::getsockname(opened.get(), address, &length) != 0) {
    return {Code::kDevice, std::string("UDP socket: ") + std::strerror(errno)};
  }
  datagram_port_ = ntohs(own.sin_port);
  datagrams_ = std::move(opened);
  return {};
}

Status EchoSocket::Send(const Request& r) {
  if (r.size > kMaxSize) return {Code::kBadValue, "larger than an IP packet"};
  if (r.port != 0) SW_TRY(OpenDatagrams());
  const int socket = r.port != 0 ? datagrams_.get() : fd();
  SW_TRY(Option(socket, IPPROTO_IP, IP_TTL, r.ttl));
  SW_TRY(Option(socket, IPPROTO_IP, IP_TOS, r.tos));
  SW_TRY(Option(socket, IPPROTO_IP, IP_MTU_DISCOVER, r.dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT));
  if (r.debug) SW_TRY(Option(socket, SOL_SOCKET, SO_DEBUG, 1));
  if (!r.link.empty() &&
      ::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, r.link.data(), static_cast<socklen_t>(r.link.size())) != 0) {
    return {Code::kNotFound, r.link + ": " + std::strerror(errno)};
  }
  Bytes message(r.port != 0 ? r.size : kIcmpHeaderSize + r.size);
  if (r.port != 0) {
    FillEcho(message, r.pattern);
    probed_port_ = r.port;
    probed_sequence_ = r.sequence;
  } else {
    FillEcho(ByteSpan(message).subspan(kIcmpHeaderSize), r.pattern);
    WriteIcmp(message, IcmpType::kEchoRequest, 0, id_, r.sequence);
  }

  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(r.port);
  to.sin_addr.s_addr = htonl(r.destination.value);
  iovec bytes{message.data(), message.size()};
  msghdr head{};
  head.msg_name = &to;
  head.msg_namelen = sizeof to;
  head.msg_iov = &bytes;
  head.msg_iovlen = 1;
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  if (r.source) {
    head.msg_control = control;
    head.msg_controllen = sizeof control;
    cmsghdr* c = CMSG_FIRSTHDR(&head);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(r.source->value);
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
  }
  // An error about an earlier datagram waits at its socket and comes instead of the sending: once is enough.
  const int flags = MSG_DONTWAIT | (r.direct ? MSG_DONTROUTE : 0);
  if (::sendmsg(socket, &head, flags) >= 0) return {};
  if (r.port != 0 && errno == ECONNREFUSED && ::sendmsg(socket, &head, flags) >= 0) return {};
  const std::string why = r.destination.ToString() + ": " + std::strerror(errno);
  switch (errno) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EINVAL:  // what a blackhole route answers
      return {Code::kNotFound, why};
    case EMSGSIZE:
      return {Code::kBadValue, why};
    case EAGAIN:
    case ENOBUFS:
      return {Code::kBusy, why};
    default:
      return {Code::kDevice, why};
  }
}

void EchoSocket::Receive(const Take& take) {
  Bytes packet(kMaxPacket);
  for (int i = 0; i < kBurst; ++i) {
    const ssize_t n = ::recv(fd(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (n < 0) return;
    const ByteView bytes = ByteView(packet).first(static_cast<std::size_t>(n));
    const auto header = ParseIpv4(bytes);
    if (!header || header->protocol != kProtocolIcmp) continue;
    auto result = ParseEchoResult(bytes.first(header->total_length).subspan(header->header_length));
    if (!result) continue;
    if (result->datagram) {
      if (!datagrams_.valid() || result->id != datagram_port_ || result->sequence != probed_port_) continue;
      result->sequence = probed_sequence_;
    } else if (result->id != id_) {
      continue;
    }
    take(*result, header->source, header->ttl);
  }
}

}  // namespace sw::hal
