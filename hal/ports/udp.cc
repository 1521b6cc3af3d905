#include "hal/ports/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sw::hal {
namespace {

sockaddr_in ToSockaddr(const Endpoint& e) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(e.port);
  out.sin_addr.s_addr = htonl(e.address.value);
  return out;
}

Endpoint FromSockaddr(const sockaddr_in& a) {
  return {Ipv4(ntohl(a.sin_addr.s_addr)), ntohs(a.sin_port)};
}

}  // namespace

// What recvmmsg and sendmmsg point into; made once, so that a burst allocates nothing.
struct UdpSocket::Vectors {
  std::array<mmsghdr, kBurst> messages;
  std::array<iovec, kBurst> bytes;
  std::array<sockaddr_in, kBurst> peers;
  std::array<PacketPtr, kBurst> packets;  // ready to be received into

  void Prepare(std::size_t i, ByteSpan span) {
    bytes[i] = {span.data(), span.size()};
    messages[i] = {};
    messages[i].msg_hdr.msg_name = &peers[i];
    messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    messages[i].msg_hdr.msg_iov = &bytes[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
};

UdpSocket::UdpSocket(Descriptor fd, Endpoint local)
    : fd_(std::move(fd)), local_(local), vectors_(std::make_unique<Vectors>()) {}
UdpSocket::~UdpSocket() = default;

Result<std::unique_ptr<UdpSocket>> UdpSocket::Open(Endpoint local) {
  Descriptor fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Status(Code::kDevice, std::string("UDP socket: ") + std::strerror(errno));
  const int omit = IP_PMTUDISC_OMIT;
  if (::setsockopt(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, &omit, sizeof omit) != 0) {
    return Status(Code::kDevice, std::string("IP_MTU_DISCOVER: ") + std::strerror(errno));
  }
  const int size = kBuffer;
  for (const auto& [force, ask] : {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, {SO_SNDBUFFORCE, SO_SNDBUF}}) {
    if (::setsockopt(fd.get(), SOL_SOCKET, force, &size, sizeof size) != 0) {
      (void)::setsockopt(fd.get(), SOL_SOCKET, ask, &size, sizeof size);  // a smaller buffer works too
    }
  }
  sockaddr_in address = ToSockaddr(local);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Code code = errno == EADDRINUSE      ? Code::kInUse
                      : errno == EADDRNOTAVAIL ? Code::kBadValue
                      : errno == EACCES        ? Code::kDenied
                                               : Code::kDevice;
    return Status(code, "UDP " + local.ToString() + ": " + std::strerror(errno));
  }
  socklen_t length = sizeof address;
  (void)::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return std::unique_ptr<UdpSocket>(new UdpSocket(std::move(fd), FromSockaddr(address)));
}

int UdpSocket::receive_buffer() const {
  int size = 0;
  socklen_t length = sizeof size;
  (void)::getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  return size;
}

void UdpSocket::Receive(PacketPool& packets, std::vector<UdpDatagram>& burst) {
  Vectors& v = *vectors_;
  for (std::size_t i = 0; i < kBurst; ++i) {
    if (v.packets[i] == nullptr) v.packets[i] = packets.Take();
    v.Prepare(i, v.packets[i]->room());
  }
  const int n = ::recvmmsg(fd_.get(), v.messages.data(), kBurst, MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; n > 0 && i < static_cast<std::size_t>(n); ++i) {
    if ((v.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
    v.packets[i]->SetSize(v.messages[i].msg_len);
    burst.push_back({FromSockaddr(v.peers[i]), std::move(v.packets[i])});
  }
}

std::size_t UdpSocket::Send(std::vector<UdpDatagram>& burst) {
  Vectors& v = *vectors_;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < burst.size();) {
    const std::size_t count = std::min(kBurst, burst.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      v.peers[i] = ToSockaddr(burst[at + i].peer);
      v.Prepare(i, burst[at + i].packet->data());
    }
    const int n = ::sendmmsg(fd_.get(), v.messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (n > 0) {
      at += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      ++refused;  // the first of them is the one that cannot go
      ++at;
    }
  }
  burst.clear();
  return refused;
}

}  // namespace sw::hal
