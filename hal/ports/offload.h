// Large packets, as Linux hands them over and takes them (struct virtio_net_hdr, virtio 1.1 section 5.1.6): one packet
// cut into what goes over the wire (TSO, USO), and packets joined into one again (GRO). No I/O, no state between calls.
//
// Cutting trusts nothing but the bytes that are there. Joining is lossless: what the receiver would cut again is what
// came, but for the ids of packets that must not be fragmented, which mean nothing (RFC 6864). Checksums are verified
// first: a damaged packet stays alone and damaged.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/packet.h"

namespace sw::hal {

inline constexpr std::size_t kMaxIpv4Packet = 65535;

// struct virtio_net_hdr, in the machine's byte order as a TUN device has it. The kernel's own header is not C++.
struct OffloadHeader {
  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;
  std::uint16_t hdr_len = 0;
  std::uint16_t gso_size = 0;  // payload of each packet it stands for
  std::uint16_t csum_start = 0, csum_offset = 0;
};
static_assert(sizeof(OffloadHeader) == 10);
inline constexpr std::uint8_t kNeedsChecksum = 1;                                       // flags
inline constexpr std::uint8_t kGsoNone = 0, kGsoTcp4 = 1, kGsoUdp = 5, kGsoEcn = 0x80;  // gso_type

// Appends the packets that `packet`, read with this header, stands for, with all checksums complete. False, and nothing
// appended: the two contradict each other, or a part does not fit a Packet.
bool Cut(const OffloadHeader& header, ByteView packet, PacketPool& packets, std::vector<PacketPtr>& out);

// The same, for who has room of its own: what is cut, and each part by itself.
class Cutter {
 public:
  // nullopt: the two contradict each other, or a part is larger than `most`.
  static std::optional<Cutter> Look(const OffloadHeader& header, ByteView packet, std::size_t most);

  std::size_t parts() const { return parts_; }
  std::size_t size(std::size_t part) const { return front_ + Payload(part); }  // in bytes; the last may be shorter
  void Write(std::size_t part, ByteSpan out) const;                            // `out`: size(part) bytes

 private:
  Cutter(ByteView packet) : packet_(packet) {}
  std::size_t Payload(std::size_t part) const;
  void WriteWhole(ByteSpan out) const;

  ByteView packet_;
  bool whole_ = true;  // nothing is cut, at most a checksum is missing
  bool needs_checksum_ = false;
  std::size_t checksum_start_ = 0, checksum_field_ = 0;
  std::uint8_t protocol_ = 0;
  std::size_t ip_ = 0, front_ = 0, step_ = 0, parts_ = 1;  // bytes of the IP header, of both headers, of a full payload
};

// Plans how a burst is written: each packet alone, or several as one large packet.
class Joiner {
 public:
  struct Write {
    OffloadHeader header;
    std::size_t first = 0;         // of the burst; its bytes go whole, with its headers changed in place
    std::size_t last = 0;          // the newest packet of it
    std::size_t bytes = 0;         // of the whole large packet
    std::size_t header_bytes = 0;  // in front of each payload
    std::size_t packets = 1;
    // What the next packet must be like. Meaningless once closed.
    std::uint32_t next_sequence = 0;
    std::uint16_t next_id = 0;
    bool open = false;
  };

  // UDP is joined only when `udp`: the kernel must know USO. `burst` must not change until the writes are done.
  // Joined packets' headers are changed in place.
  const std::vector<Write>& Plan(std::span<const ByteSpan> burst, bool udp);
  // The pieces of one write, in order, without the header. Appends.
  void Pieces(const Write& write, std::span<const ByteSpan> burst, std::vector<iovec>& out) const;

 private:
  bool Append(Write& write, std::span<const ByteSpan> burst, std::size_t index);
  void Finish(Write& write, std::span<const ByteSpan> burst);

  static constexpr std::size_t kOpenRuns = 8;  // flows joined at a time; our choice
  std::vector<Write> writes_;
  std::vector<std::size_t> next_;  // of the burst: the packet that follows in the same write; 0: none
  std::size_t open_[kOpenRuns];
};

}  // namespace sw::hal
