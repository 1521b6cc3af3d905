#include "hal/ports/tun.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace sw::hal {

Result<std::unique_ptr<Tun>> Tun::Open(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) return Status(Code::kBadValue, name + ": not a device name");
  Descriptor fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    const Code code = errno == EACCES || errno == EPERM ? Code::kDenied : Code::kUnsupported;
    return Status(code, std::string("/dev/net/tun: ") + std::strerror(errno));
  }
  // IFF_TUN_EXCL: never a device that somebody else keeps.
  ifreq request{};
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | static_cast<int>(IFF_TUN_EXCL));
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    const Code code = errno == EPERM ? Code::kDenied : errno == EBUSY || errno == EEXIST ? Code::kInUse : Code::kDevice;
    return Status(code, name + ": " + std::strerror(errno));
  }
  return std::unique_ptr<Tun>(new Tun(std::move(fd)));
}

void Tun::Read(PacketPool& packets, std::vector<PacketPtr>& burst) {
  for (std::size_t i = 0; i < kBurst; ++i) {
    PacketPtr packet = packets.Take();
    const ByteSpan room = packet->room();
    const ssize_t n = ::read(fd_.get(), room.data(), room.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    packet->SetSize(static_cast<std::size_t>(n));
    burst.push_back(std::move(packet));
  }
}

std::size_t Tun::Write(std::vector<PacketPtr>& burst) {
  std::size_t refused = 0;
  for (const PacketPtr& packet : burst) {
    ssize_t n = 0;
    do {
      n = ::write(fd_.get(), packet->data().data(), packet->size());
    } while (n < 0 && errno == EINTR);
    if (n < 0) ++refused;
  }
  burst.clear();
  return refused;
}

}  // namespace sw::hal
