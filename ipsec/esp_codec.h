// Where the bytes of an ESP packet lie (RFC 4303 section 2), in place. No keys, no state.
//
//   | SPI 4 | sequence 4 | IV | inner packet | padding 1,2,3.. | pad length 1 | next header 1 | ICV |
//                             |<--------------------- cipher --------------------------->|
//   |<------------------------------ integrity ------------------------------------------>|
// With AES-GCM the integrity check covers SPI and sequence number as additional data (RFC 4106 section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "hal/base/packet.h"
#include "hal/crypto_device.h"
#include "hal/suites.h"
#include "ipsec/drop.h"

namespace sw::ipsec {

inline constexpr std::size_t kEspHeaderBytes = 8;
inline constexpr std::size_t kEspTrailerBytes = 2;  // pad length, next header

// What a suite makes of the layout.
struct EspShape {
  std::size_t iv_bytes;
  std::size_t align;  // cipher text is a multiple of this: the block, or 4 (RFC 4303 section 2.4)
  std::size_t icv_bytes;
  bool aead;  // SPI and sequence are additional data, the IV is the sequence number (RFC 4106)

  EspShape(hal::Cipher cipher, hal::Integrity integrity);
  std::size_t front() const { return kEspHeaderBytes + iv_bytes; }
  std::size_t Around(std::size_t inner) const {
    return front() + inner + PadBytes(inner) + kEspTrailerBytes + icv_bytes;
  }
  std::size_t PadBytes(std::size_t inner) const { return (align - (inner + kEspTrailerBytes) % align) % align; }
};

// Puts header, trailer and room for IV and ICV around the packet, which must have room for them.
bool HasEspRoom(const Packet& packet, const EspShape& shape);
void WrapEsp(Packet& packet, const EspShape& shape, std::uint32_t spi, std::uint32_t sequence,
             std::uint8_t next_header);
// The same around bytes that lie anywhere: `esp` is shape.Around(inner) long and has the inner packet at shape.front().
void WrapEsp(ByteSpan esp, const EspShape& shape, std::size_t inner, std::uint32_t spi, std::uint32_t sequence,
             std::uint8_t next_header);

// Whether a received packet can be one of this shape at all: kNone, kTruncated or kBadPadding (no whole blocks).
Drop CheckEspLength(ByteView packet, const EspShape& shape);

// The engine's work on a packet that WrapEsp made or CheckEspLength passed; sa and context are left for the caller.
hal::CryptoOp EspOp(ByteSpan packet, const EspShape& shape);

// On such work: kNone, kBadIcv or kDeviceFault.
constexpr Drop FromVerdict(hal::Verdict verdict) {
  switch (verdict) {
    case hal::Verdict::kOk:
      return Drop::kNone;
    case hal::Verdict::kBadIcv:
      return Drop::kBadIcv;
    case hal::Verdict::kBadShape:  // lengths were checked before: the engine disagrees with itself
    case hal::Verdict::kNoSa:
    case hal::Verdict::kFault:
      return Drop::kDeviceFault;
  }
  return Drop::kDeviceFault;
}

// The inner packet of an opened one; nullopt when the padding or its length is wrong.
struct Unwrapped {
  ByteSpan inner;
  std::uint8_t next_header;
};
std::optional<Unwrapped> UnwrapEsp(ByteSpan packet, const EspShape& shape);

}  // namespace sw::ipsec
