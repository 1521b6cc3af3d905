// A TUN device of Linux: whole IPv4 packets to and from the kernel's IP (Documentation/networking/tuntap.rst).
//
// Works in bursts, so that offloads can come behind the same calls. The device disappears with the object. Never
// blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "hal/base/packet.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"

namespace sw::hal {

class Tun {
 public:
  static constexpr int kMaxMtu = Packet::kRoom - Packet::kHeadroom;
  static constexpr std::size_t kBurst = 256;

  // kDenied without CAP_NET_ADMIN, kInUse when the name is taken, kUnsupported where there is no /dev/net/tun.
  static Result<std::unique_ptr<Tun>> Open(const std::string& name);

  int fd() const { return fd_.get(); }
  // Appends what waits, at most kBurst packets. Truncated ones cannot occur while the device's MTU is at most kMaxMtu.
  void Read(PacketPool& packets, std::vector<PacketPtr>& burst);
  // Empties `burst`; returns how many the kernel refused.
  std::size_t Write(std::vector<PacketPtr>& burst);

 private:
  explicit Tun(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace sw::hal
