// A UDP socket of Linux that works in bursts: recvmmsg and sendmmsg, and within a message many datagrams of one peer
// and one size (UDP_SEGMENT, UDP_GRO). Where the path cannot cut (its MTU is smaller, the device lacks checksums)
// datagrams go one by one.
//
// Choices: no address sharing (a port belongs to one socket). DF is never set and the cached path MTU not used
// (IP_PMTUDISC_OMIT): a tunnel's datagram that is too large for the path arrives in fragments rather than not at all,
// and a forged "fragmentation needed" cannot shrink what we send. Large buffers are asked for, by force where we may: a
// burst that overflows costs the inner TCP retransmissions. Never blocks. One thread; the pool given to Receive
// outlives the socket.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/packet.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"
#include "hal/ports/inherited.h"

namespace sw::hal {

struct UdpDatagram {
  Endpoint peer;  // from whom, or to whom
  PacketPtr packet;
};

struct UdpView {
  Endpoint peer;
  ByteSpan bytes;
};

class UdpSocket {
 public:
  static constexpr std::size_t kBurst = 64;     // messages a system call sends
  static constexpr std::size_t kReceive = 16;   // messages a system call receives, each of up to 64 KiB
  static constexpr std::size_t kSegments = 64;  // datagrams a message carries; the kernel's oldest limit
  static constexpr int kBuffer = 8 << 20;       // bytes asked for, each direction

  // Address 0.0.0.0: any; port 0: one the kernel picks. kBadValue: not our address; kInUse; kDenied: a port below 1024.
  static Result<std::unique_ptr<UdpSocket>> Open(Endpoint local);
  ~UdpSocket();

  int fd() const { return fd_.get(); }
  Endpoint local() const { return local_; }
  void SetDontFragment(bool on);  // for what is sent from now on; off when opened. On: DF is set, no MTU is believed
  int receive_buffer() const;     // what the kernel granted, in its own count (twice the payload)

  // More sockets at the same address, each for another thread. From then on this one receives only datagrams that
  // begin with four zero octets (DVPN's control messages), and the others share the rest by flow; but within one
  // coalesced message the kernel may bring either kind along. The address is still nobody else's: it was bound alone.
  Result<std::vector<std::unique_ptr<UdpSocket>>> Divide(std::size_t count);

  // Without Packets: what is received lies in the socket until the next call.
  void Receive(std::vector<UdpView>& burst, std::size_t messages = kReceive);
  std::size_t Send(std::span<const UdpView> burst);

  // Appends what one system call brings. Datagrams larger than a Packet are dropped, or appended to `large` (views as
  // above).
  void Receive(PacketPool& packets, std::vector<UdpDatagram>& burst, std::vector<UdpView>* large = nullptr);
  // Empties `burst`; returns how many the kernel refused. One refused datagram does not stop those behind it.
  std::size_t Send(std::vector<UdpDatagram>& burst);

 private:
  struct Vectors;
  std::size_t GroupAt(std::span<const UdpView> burst, std::size_t at) const;
  static Result<std::unique_ptr<UdpSocket>> Open(Endpoint local, bool shared);
  UdpSocket(Descriptor fd, Offered offered, Endpoint local);
  Descriptor fd_;
  Offered offered_;  // "udp ADDRESS:PORT", those it was divided into "udp ADDRESS:PORT 1" ...; port 0: not at all
  const Endpoint local_;
  bool segments_ = true;  // the kernel cuts what we send
  std::unique_ptr<Vectors> vectors_;
  std::vector<UdpView> views_;
};

}  // namespace sw::hal
