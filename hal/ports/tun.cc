#include "hal/ports/tun.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sw::hal {
namespace {

constexpr unsigned kUdpOffload = 0x20 | 0x40;  // TUN_F_USO4 | TUN_F_USO6, which the kernel wants together

}  // namespace

Result<std::unique_ptr<Tun>> Tun::Open(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) return Status(Code::kBadValue, name + ": not a device name");
  Descriptor fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    const Code code = errno == EACCES || errno == EPERM ? Code::kDenied : Code::kUnsupported;
    return Status(code, std::string("/dev/net/tun: ") + std::strerror(errno));
  }
  // IFF_TUN_EXCL: never a device that somebody else keeps.
  ifreq request{};
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | static_cast<int>(IFF_TUN_EXCL));
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    const Code code = errno == EPERM ? Code::kDenied : errno == EBUSY || errno == EEXIST ? Code::kInUse : Code::kDevice;
    return Status(code, name + ": " + std::strerror(errno));
  }
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN;
  const bool udp = ::ioctl(fd.get(), TUNSETOFFLOAD, kTcp | kUdpOffload) == 0;
  if (!udp && ::ioctl(fd.get(), TUNSETOFFLOAD, kTcp) != 0) {
    return Status(Code::kUnsupported, name + ": TUNSETOFFLOAD: " + std::strerror(errno));
  }
  return std::unique_ptr<Tun>(new Tun(std::move(fd), udp));
}

Tun::Tun(Descriptor fd, bool udp) : fd_(std::move(fd)), udp_(udp), large_(sizeof(OffloadHeader) + kMaxIpv4Packet) {}

void Tun::Read(PacketPool& packets, std::vector<PacketPtr>& burst) {
  const std::size_t enough = burst.size() + kBurst;
  while (burst.size() < enough) {
    const ssize_t n = ::read(fd_.get(), large_.data(), large_.size());
    if (n < 0 && errno == EINTR) continue;
    OffloadHeader header;
    if (n < static_cast<ssize_t>(sizeof header)) return;
    std::memcpy(&header, large_.data(), sizeof header);
    const ByteView packet = ByteView(large_).subspan(sizeof header, static_cast<std::size_t>(n) - sizeof header);
    if (!Cut(header, packet, packets, burst)) ++unusable_;
  }
}

std::size_t Tun::Write(std::vector<PacketPtr>& burst) {
  std::size_t refused = 0;
  for (const Joiner::Write& write : joiner_.Plan(burst, udp_)) {
    OffloadHeader header = write.header;
    pieces_.clear();
    pieces_.push_back({&header, sizeof header});
    joiner_.Pieces(write, burst, pieces_);
    ssize_t n = 0;
    do {
      n = ::writev(fd_.get(), pieces_.data(), static_cast<int>(pieces_.size()));
    } while (n < 0 && errno == EINTR);
    if (n < 0) refused += write.packets;
  }
  burst.clear();
  return refused;
}

}  // namespace sw::hal
