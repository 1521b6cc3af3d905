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

Status EchoSocket::Send(const Request& r) {
  if (r.size > kMaxSize) return {Code::kBadValue, "larger than an IP packet"};
  SW_TRY(Option(fd(), IPPROTO_IP, IP_TTL, r.ttl));
  SW_TRY(Option(fd(), IPPROTO_IP, IP_TOS, r.tos));
  SW_TRY(Option(fd(), IPPROTO_IP, IP_MTU_DISCOVER, r.dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT));
  Bytes message(kIcmpHeaderSize + r.size);
  FillEcho(ByteSpan(message).subspan(kIcmpHeaderSize), r.pattern);
  WriteIcmp(message, IcmpType::kEchoRequest, 0, id_, r.sequence);

  sockaddr_in to{};
  to.sin_family = AF_INET;
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
  if (::sendmsg(fd(), &head, MSG_DONTWAIT) >= 0) return {};
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
    const auto result = ParseEchoResult(bytes.first(header->total_length).subspan(header->header_length));
    if (result && result->id == id_) take(*result, header->source, header->ttl);
  }
}

}  // namespace sw::hal
