// A TUN device of Linux: whole IPv4 packets to and from the kernel's IP (Documentation/networking/tuntap.rst).
//
// The kernel hands over large TCP and UDP packets and takes them (IFF_VNET_HDR, hal/ports/offload.h): a burst costs few
// calls and its inner TCP few wake-ups. What Read returns and Write takes are packets of the device's MTU all the same.
// The device disappears with the object. Never blocks; nothing waits for company.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "hal/base/packet.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/offload.h"

namespace sw::hal {

class Tun {
 public:
  static constexpr int kMaxMtu = Packet::kRoom - Packet::kHeadroom;
  static constexpr std::size_t kBurst = 256;

  // kDenied without CAP_NET_ADMIN, kInUse when the name is taken, kUnsupported where there is no /dev/net/tun.
  static Result<std::unique_ptr<Tun>> Open(const std::string& name);

  int fd() const { return fd_.get(); }
  // Appends what waits: no further read once there are kBurst packets. Truncated ones cannot occur while the device's
  // MTU is at most kMaxMtu.
  void Read(PacketPool& packets, std::vector<PacketPtr>& burst);
  // Empties `burst`; returns how many packets the kernel refused.
  std::size_t Write(std::vector<PacketPtr>& burst);
  bool joins_udp() const { return udp_; }
  std::uint64_t unusable() const { return unusable_; }  // what was read and contradicted itself

 private:
  Tun(Descriptor fd, bool udp);
  Descriptor fd_;
  const bool udp_;  // the kernel cuts UDP too (Linux 6.2)
  std::uint64_t unusable_ = 0;
  Joiner joiner_;
  std::vector<iovec> pieces_;
  Bytes large_;  // a header and the largest packet
};

}  // namespace sw::hal
