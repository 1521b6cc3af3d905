#include "hal/ports/raw_ip.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "hal/ports/fragments.h"
#include "hal/ports/ipv4.h"

namespace sw::hal {
namespace {

constexpr int kBuffer = 8 << 20;

}  // namespace

Result<std::unique_ptr<RawIpSocket>> RawIpSocket::Open(std::uint8_t protocol, std::uint32_t mark) {
  const std::string name = "raw " + std::to_string(protocol) + " " + std::to_string(mark);
  if (Descriptor before = TakeInherited(name); before.valid())
    return std::unique_ptr<RawIpSocket>(new RawIpSocket(std::move(before), name));
  Descriptor fd(::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  const auto failed = [](const char* what) {
    return Status(errno == EPERM || errno == EACCES ? Code::kDenied : Code::kDevice,
                  std::string(what) + ": " + std::strerror(errno));
  };
  if (!fd.valid()) return failed("raw IP socket");
  const int on = 1;
  if (::setsockopt(fd.get(), IPPROTO_IP, IP_HDRINCL, &on, sizeof on) != 0) return failed("raw IP socket");
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) return failed("mark of a raw IP socket");
  // A burst that overflows costs retransmissions; whether the system grants it all is its affair.
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0)
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  return std::unique_ptr<RawIpSocket>(new RawIpSocket(std::move(fd), name));
}

void RawIpSocket::Receive(PacketPool& packets, std::vector<PacketPtr>& burst) {
  for (std::size_t i = 0; i < kBurst; ++i) {
    PacketPtr packet = packets.Take();
    const ByteSpan room = packet->room();
    const ssize_t size = ::recv(fd(), room.data(), room.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0) return;
    if (static_cast<std::size_t>(size) > room.size()) continue;
    packet->SetSize(static_cast<std::size_t>(size));
    burst.push_back(std::move(packet));
  }
}

bool RawIpSocket::SendOne(const Packet& packet) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(Load32(&packet.data()[16]));
  return ::sendto(fd(), packet.data().data(), packet.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) >= 0;
}

std::size_t RawIpSocket::Send(PacketPool& packets, std::vector<PacketPtr>& burst, std::size_t mtu) {
  std::size_t refused = 0;
  for (const PacketPtr& packet : burst) {
    if (!ParseIpv4(packet->data())) {
      ++refused;
      continue;
    }
    if (packet->size() <= mtu) {
      if (!SendOne(*packet)) ++refused;
      continue;
    }
    for (const PacketPtr& piece : Fragment(packets, *packet, mtu))
      if (!SendOne(*piece)) ++refused;
  }
  burst.clear();
  return refused;
}

}  // namespace sw::hal
