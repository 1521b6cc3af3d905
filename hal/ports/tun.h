// A TUN device of Linux: whole IPv4 packets to and from the kernel's IP (Documentation/networking/tuntap.rst).
//
// The kernel hands over large TCP and UDP packets and takes them (IFF_VNET_HDR, hal/ports/offload.h): a burst costs few
// calls and its inner TCP few wake-ups. What Read returns and Write takes are packets of the device's MTU all the same.
// The device disappears with the object. Never blocks; nothing waits for company.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hal/base/packet.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/inherited.h"
#include "hal/ports/offload.h"

namespace sw::hal {

class Tun {
 public:
  static constexpr int kMaxMtu = Packet::kRoom - Packet::kHeadroom;
  static constexpr std::size_t kBurst = 256;

  // kDenied without CAP_NET_ADMIN, kInUse when the name is taken, kUnsupported where there is no /dev/net/tun.
  // With `queues`, AddQueue works.
  static Result<std::unique_ptr<Tun>> Open(const std::string& name, bool queues = false);
  // The same queue once more, and another queue of the device: each for another thread. The kernel picks the queue of
  // a packet by its flow.
  Result<std::unique_ptr<Tun>> Share() const;
  Result<std::unique_ptr<Tun>> AddQueue() const;

  int fd() const { return fd_.get(); }
  // Appends what waits: no further read once there are kBurst packets. Truncated ones cannot occur while the device's
  // MTU is at most kMaxMtu.
  void Read(PacketPool& packets, std::vector<PacketPtr>& burst);
  // Empties `burst`; returns how many packets the kernel refused.
  std::size_t Write(std::vector<PacketPtr>& burst);

  // Without Packets: one large packet, valid until the next read; false: nothing waits. And packets that lie anywhere;
  // their headers may be changed.
  struct Large {
    OffloadHeader header;
    ByteView packet;
  };
  bool ReadLarge(Large& out);
  std::size_t Write(std::span<const ByteSpan> burst);

  bool joins_udp() const { return udp_; }
  std::uint64_t unusable() const { return unusable_; }  // what was read and contradicted itself

 private:
  Tun(Descriptor fd, Offered offered, std::string name, bool udp);
  Descriptor fd_;
  Offered offered_;  // "tun NAME", "tun NAME 1" ...: each queue
  const std::string name_;
  const bool udp_;  // the kernel cuts UDP too (Linux 6.2)
  std::uint64_t unusable_ = 0;
  Joiner joiner_;
  std::vector<iovec> pieces_;
  std::vector<ByteSpan> views_;
  Bytes large_;  // a header and the largest packet
};

}  // namespace sw::hal
