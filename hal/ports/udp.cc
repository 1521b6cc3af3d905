#include "hal/ports/udp.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sw::hal {
namespace {

constexpr std::size_t kMostPayload = 65507;  // of one UDP datagram over IPv4, and so of one message

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
  static constexpr std::size_t kMessageBytes = 65536;
  struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> bytes;
  };

  std::array<mmsghdr, kBurst> messages;
  std::array<sockaddr_in, kBurst> peers;
  std::array<Control, kBurst> controls;
  std::vector<iovec> pieces = std::vector<iovec>(kBurst * kSegments + 1);
  std::vector<std::uint8_t> received = std::vector<std::uint8_t>(kReceive * kMessageBytes);

  msghdr& Prepare(std::size_t i, iovec* first, std::size_t count) {
    messages[i] = {};
    msghdr& m = messages[i].msg_hdr;
    m.msg_name = &peers[i];
    m.msg_namelen = sizeof(sockaddr_in);
    m.msg_iov = first;
    m.msg_iovlen = count;
    return m;
  }
};

UdpSocket::UdpSocket(Descriptor fd, Offered offered, Endpoint local)
    : fd_(std::move(fd)), offered_(std::move(offered)), local_(local), vectors_(std::make_unique<Vectors>()) {}
UdpSocket::~UdpSocket() = default;

Result<std::unique_ptr<UdpSocket>> UdpSocket::Open(Endpoint local) {
  return Open(local, false);
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::Open(Endpoint local, bool shared) {
  std::string name = "udp " + local.ToString();
  if (shared) name = FreeName(name);
  const auto made = [&](Descriptor socket, Endpoint bound) {
    Offered offered = local.port == 0 ? Offered() : Offered(name, socket.get());
    return std::unique_ptr<UdpSocket>(new UdpSocket(std::move(socket), std::move(offered), bound));
  };
  if (Descriptor before = TakeInherited(name); before.valid()) return made(std::move(before), local);
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
  const int on = 1;
  (void)::setsockopt(fd.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on);  // without it datagrams come one by one
  if (shared && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    return Status(Code::kUnsupported, std::string("SO_REUSEPORT: ") + std::strerror(errno));
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
  return made(std::move(fd), FromSockaddr(address));
}

void UdpSocket::SetDontFragment(bool on) {
  const int mode = on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_OMIT;
  (void)::setsockopt(fd_.get(), IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode);
}

int UdpSocket::receive_buffer() const {
  int size = 0;
  socklen_t length = sizeof size;
  (void)::getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  return size;
}

Result<std::vector<std::unique_ptr<UdpSocket>>> UdpSocket::Divide(std::size_t count) {
  const int on = 1;
  if (::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    return Status(Code::kUnsupported, std::string("SO_REUSEPORT: ") + std::strerror(errno));
  }
  std::vector<std::unique_ptr<UdpSocket>> out;
  for (std::size_t i = 0; i < count; ++i) {
    auto more = Open(local_, true);
    SW_TRY(more.status());
    out.push_back(std::move(*more));
  }
  // Number 0 of the group is the socket that was there first. The program sees the payload.
  const auto workers = static_cast<std::uint32_t>(count);
  sock_filter code[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
      {BPF_RET | BPF_K, 0, 0, 0},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RXHASH)},
      {BPF_ALU | BPF_MOD | BPF_K, 0, 0, workers},
      {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1},
      {BPF_RET | BPF_A, 0, 0, 0},
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  if (::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0) {
    return Status(Code::kUnsupported, std::string("SO_ATTACH_REUSEPORT_CBPF: ") + std::strerror(errno));
  }
  return out;
}

void UdpSocket::Receive(std::vector<UdpView>& burst, std::size_t wanted) {
  Vectors& v = *vectors_;
  for (std::size_t i = 0; i < wanted; ++i) {
    v.pieces[i] = {v.received.data() + i * Vectors::kMessageBytes, Vectors::kMessageBytes};
    msghdr& m = v.Prepare(i, &v.pieces[i], 1);
    m.msg_control = v.controls[i].bytes.data();
    m.msg_controllen = v.controls[i].bytes.size();
  }
  const int n = ::recvmmsg(fd_.get(), v.messages.data(), static_cast<unsigned>(wanted), MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; n > 0 && i < static_cast<std::size_t>(n); ++i) {
    msghdr& m = v.messages[i].msg_hdr;
    ByteSpan left(v.received.data() + i * Vectors::kMessageBytes, v.messages[i].msg_len);
    std::size_t step = left.size();  // all of them but the last are this long
    for (cmsghdr* c = CMSG_FIRSTHDR(&m); c != nullptr; c = CMSG_NXTHDR(&m, c)) {
      int size = 0;
      if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO) continue;
      std::memcpy(&size, CMSG_DATA(c), sizeof size);
      if (size > 0) step = static_cast<std::size_t>(size);
    }
    const Endpoint peer = FromSockaddr(v.peers[i]);
    do {  // an empty datagram is one too
      const ByteSpan one = left.first(std::min(step, left.size()));
      left = left.subspan(one.size());
      burst.push_back({peer, one});
    } while (!left.empty());
  }
}

void UdpSocket::Receive(PacketPool& packets, std::vector<UdpDatagram>& burst, std::vector<UdpView>* large) {
  views_.clear();
  Receive(views_);
  for (const UdpView& view : views_) {
    if (PacketPtr packet = packets.Copy(view.bytes)) {
      burst.push_back({view.peer, std::move(packet)});
    } else if (large != nullptr) {
      large->push_back(view);
    }
  }
}

// How many datagrams from here on fit one message: one peer, one size, the last may be shorter.
std::size_t UdpSocket::GroupAt(std::span<const UdpView> burst, std::size_t at) const {
  const std::size_t size = burst[at].bytes.size();
  std::size_t count = 1;
  if (!segments_ || size == 0) return count;
  for (std::size_t total = size; at + count < burst.size() && count < kSegments; ++count) {
    const UdpView& next = burst[at + count];
    const std::size_t bytes = next.bytes.size();
    if (next.peer != burst[at].peer || bytes > size || bytes == 0 || total + bytes > kMostPayload) break;
    total += bytes;
    if (bytes < size) return count + 1;
  }
  return count;
}

std::size_t UdpSocket::Send(std::vector<UdpDatagram>& burst) {
  views_.clear();
  for (const UdpDatagram& d : burst) views_.push_back({d.peer, d.packet->data()});
  const std::size_t refused = Send(views_);
  burst.clear();
  return refused;
}

std::size_t UdpSocket::Send(std::span<const UdpView> burst) {
  Vectors& v = *vectors_;
  std::array<std::size_t, kBurst> group;
  std::size_t refused = 0;
  std::size_t alone_until = 0;  // datagrams in front of this go one by one
  for (std::size_t at = 0; at < burst.size();) {
    std::size_t messages = 0, piece = 0;
    for (std::size_t next = at; messages < kBurst && next < burst.size(); ++messages) {
      const std::size_t count = next < alone_until ? 1 : GroupAt(burst, next);
      v.peers[messages] = ToSockaddr(burst[next].peer);
      iovec* const first = &v.pieces[piece];
      for (std::size_t i = 0; i < count; ++i) {  // what lies side by side is one piece
        const ByteSpan bytes = burst[next + i].bytes;
        iovec* const last = &v.pieces[piece] - 1;
        if (i != 0 && static_cast<std::uint8_t*>(last->iov_base) + last->iov_len == bytes.data()) {
          last->iov_len += bytes.size();
        } else {
          v.pieces[piece++] = {bytes.data(), bytes.size()};
        }
      }
      msghdr& m = v.Prepare(messages, first, static_cast<std::size_t>(&v.pieces[piece] - first));
      if (count > 1) {
        const auto size = static_cast<std::uint16_t>(burst[next].bytes.size());
        m.msg_control = v.controls[messages].bytes.data();
        m.msg_controllen = CMSG_SPACE(sizeof size);
        cmsghdr* c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = IPPROTO_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof size);
        std::memcpy(CMSG_DATA(c), &size, sizeof size);
      }
      group[messages] = count;
      next += count;
    }
    const int sent = ::sendmmsg(fd_.get(), v.messages.data(), static_cast<unsigned>(messages), MSG_DONTWAIT);
    for (int i = 0; i < sent; ++i) at += group[static_cast<std::size_t>(i)];
    if (sent > 0 || errno == EINTR) continue;
    if (group[0] > 1 && errno != EAGAIN && errno != ENOBUFS) {     // what cannot go together may go alone
      if (errno == EIO || errno == EOPNOTSUPP) segments_ = false;  // never on this machine
      alone_until = at + group[0];
      continue;
    }
    refused += group[0];  // the first message is the one that cannot go
    at += group[0];
  }
  return refused;
}

}  // namespace sw::hal
