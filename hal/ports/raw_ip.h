// Whole IPv4 packets past the kernel's transport protocols (raw(7)): ESP, AH and GRE in, anything out.
//
// What comes in has been put together from its fragments by the kernel. What goes out is routed by the kernel, under a
// mark that policy rules can tell, and cut here where the outgoing link is too small: the kernel does not cut raw
// packets. Never blocks. One thread. Needs CAP_NET_RAW, and CAP_NET_ADMIN for the mark.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hal/base/packet.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/inherited.h"

namespace sw::hal {

class RawIpSocket {
 public:
  static constexpr std::size_t kBurst = 64;

  // `protocol`: what it receives; 255: it only sends. `mark`: of what it sends; 0: none. kDenied.
  static Result<std::unique_ptr<RawIpSocket>> Open(std::uint8_t protocol, std::uint32_t mark);
  int fd() const { return fd_.get(); }
  // Appends at most kBurst packets that start at their IP headers; larger ones than a Packet are dropped.
  void Receive(PacketPool& packets, std::vector<PacketPtr>& burst);
  // Empties `burst`; returns how many were refused. `mtu`: of the link they leave by, as far as known.
  std::size_t Send(PacketPool& packets, std::vector<PacketPtr>& burst, std::size_t mtu);

 private:
  RawIpSocket(Descriptor fd, const std::string& name) : fd_(std::move(fd)), offered_(name, fd_.get()) {}
  bool SendOne(const Packet& packet);
  Descriptor fd_;
  Offered offered_;  // "raw PROTOCOL MARK"
};

}  // namespace sw::hal
