#include "hal/ports/tun.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sw::hal {
namespace {

// Packets that may wait for us. Of the kernel's 500 many overflow while a program sends small datagrams; with these it
// waits for its socket's room instead. Our choice, measured (tests/bench/README.md).
constexpr int kQueueLength = 1000;

constexpr unsigned kUdpOffload = 0x20 | 0x40;  // TUN_F_USO4 | TUN_F_USO6, which the kernel wants together

struct Opened {
  Descriptor fd;
  bool udp = false;
};

bool IsDevice(int fd, const std::string& name) {
  ifreq is{};
  return ::ioctl(fd, TUNGETIFF, &is) == 0 && name == is.ifr_name;
}

// Of a device, or of a queue of it. A predecessor's is as it was made.
Result<Opened> OpenQueue(const std::string& name, const std::string& offered, int flags) {
  Descriptor before = TakeInherited(offered);
  Descriptor fd =
      before.valid() ? std::move(before) : Descriptor(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    const Code code = errno == EACCES || errno == EPERM ? Code::kDenied : Code::kUnsupported;
    return Status(code, std::string("/dev/net/tun: ") + std::strerror(errno));
  }
  const bool made = IsDevice(fd.get(), name);
  ifreq request{};
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags);
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  if (!made && ::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    const Code code = errno == EPERM ? Code::kDenied : errno == EBUSY || errno == EEXIST ? Code::kInUse : Code::kDevice;
    return Status(code, name + ": " + std::strerror(errno));
  }
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN;
  const bool udp = ::ioctl(fd.get(), TUNSETOFFLOAD, kTcp | kUdpOffload) == 0;
  if (!udp && ::ioctl(fd.get(), TUNSETOFFLOAD, kTcp) != 0) {
    return Status(Code::kUnsupported, name + ": TUNSETOFFLOAD: " + std::strerror(errno));
  }
  return Opened{std::move(fd), udp};
}

// Without it the device works as well.
void SetQueueLength(const std::string& name) {
  const Descriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_qlen = kQueueLength;
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  (void)::ioctl(any.get(), SIOCSIFTXQLEN, &request);
}

}  // namespace

// IFF_TUN_EXCL: never a device that somebody else keeps.
Result<std::unique_ptr<Tun>> Tun::Open(const std::string& name, bool queues) {
  if (name.empty() || name.size() >= IFNAMSIZ) return Status(Code::kBadValue, name + ": not a device name");
  const std::string offered = "tun " + name;
  auto opened = OpenQueue(name, offered, static_cast<int>(IFF_TUN_EXCL) | (queues ? IFF_MULTI_QUEUE : 0));
  SW_TRY(opened.status());
  SetQueueLength(name);
  const int fd = opened->fd.get();
  return std::unique_ptr<Tun>(new Tun(std::move(opened->fd), {offered, fd}, name, opened->udp));
}

Result<std::unique_ptr<Tun>> Tun::AddQueue() const {
  const std::string offered = FreeName("tun " + name_);
  auto opened = OpenQueue(name_, offered, IFF_MULTI_QUEUE);
  SW_TRY(opened.status());
  const int fd = opened->fd.get();
  return std::unique_ptr<Tun>(new Tun(std::move(opened->fd), {offered, fd}, name_, opened->udp));
}

Tun::Tun(Descriptor fd, Offered offered, std::string name, bool udp)
    : fd_(std::move(fd)),
      offered_(std::move(offered)),
      name_(std::move(name)),
      udp_(udp),
      large_(sizeof(OffloadHeader) + kMaxIpv4Packet) {}

Result<std::unique_ptr<Tun>> Tun::Share() const {
  Descriptor fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd.valid()) return Status(Code::kDevice, std::string("dup: ") + std::strerror(errno));
  return std::unique_ptr<Tun>(new Tun(std::move(fd), {}, name_, udp_));
}

bool Tun::ReadLarge(Large& out) {
  ssize_t n = 0;
  do {
    n = ::read(fd_.get(), large_.data(), large_.size());
  } while (n < 0 && errno == EINTR);
  if (n < static_cast<ssize_t>(sizeof out.header)) return false;
  std::memcpy(&out.header, large_.data(), sizeof out.header);
  out.packet = ByteView(large_).subspan(sizeof out.header, static_cast<std::size_t>(n) - sizeof out.header);
  return true;
}

void Tun::Read(PacketPool& packets, std::vector<PacketPtr>& burst) {
  const std::size_t enough = burst.size() + kBurst;
  for (Large large; burst.size() < enough && ReadLarge(large);) {
    if (!Cut(large.header, large.packet, packets, burst)) ++unusable_;
  }
}

std::size_t Tun::Write(std::span<const ByteSpan> burst) {
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
  return refused;
}

std::size_t Tun::Write(std::vector<PacketPtr>& burst) {
  views_.clear();
  for (const PacketPtr& packet : burst) views_.push_back(packet->data());
  const std::size_t refused = Write(views_);
  burst.clear();
  return refused;
}

}  // namespace sw::hal
