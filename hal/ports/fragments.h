// IPv4 fragmentation and reassembly (RFC 791) , for IP stacks of our own and for raw sockets.
#pragma once

#include <list>
#include <map>
#include <vector>

#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/ports/ipv4.h"

namespace sw::hal {

// Cuts a valid packet into fragments of at most `mtu` bytes. Options of the original are not copied.
std::vector<PacketPtr> Fragment(PacketPool& packets, const Packet& packet, std::size_t mtu);

// Puts fragments together again, up to the room of one Packet. Few datagrams at once, short-lived; fragments that
// overlap or contradict each other take the whole datagram with them (as RFC 5722 wants it for IPv6).
class Reassembly {
 public:
  static constexpr std::size_t kMaxDatagrams = 16;
  static constexpr Duration kLifetime = std::chrono::seconds(15);

  explicit Reassembly(PacketPool& packets) : packets_(packets) {}
  // The whole packet once the last piece is there; null before that, or when the piece was refused.
  PacketPtr Add(Time now, const Ipv4Header& header, const Packet& fragment);

 private:
  struct Datagram {
    Ipv4 source, destination;
    std::uint16_t id;
    std::uint8_t protocol;
    Time expires;
    Ipv4Header header;  // of the first fragment seen; its ends are made at completion
    Bytes payload;
    std::map<std::size_t, std::size_t> pieces;  // begin -> end
    std::size_t total = 0;                      // 0: the last piece is not there yet
  };
  std::list<Datagram> open_;  // oldest first
  PacketPool& packets_;
};

}  // namespace sw::hal
