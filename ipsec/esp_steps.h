// How ESP is sealed and opened (RFC 4303 sections 3.3 and 3.4): the checks and steps of a packet in their order, once
// for all data paths. The queued way through a device (ipsec/esp.h) and the workers' bursts (ipsec/burst.h) differ only
// in who does the cryptography between the step before and the step after. Inline: a call for each packet.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hal/base/random.h"
#include "ipsec/esp_codec.h"
#include "ipsec/shared_sa.h"

namespace sw::ipsec {

// Before sealing: the numbers of the next `count` packets. kNone, kSaExpired or kSequenceExhausted.
inline Drop TakeNumbers(SharedSa& sa, Time now, std::uint32_t count, std::uint32_t& first) {
  if (now >= sa.expires) return Drop::kSaExpired;
  first = sa.numbers.Take(count);
  return first == 0 ? Drop::kSequenceExhausted : Drop::kNone;
}

// Random bytes of IVs that a packet of this shape wants: with AES-GCM the sequence number is its IV.
inline std::size_t RandomIvBytes(const EspShape& shape) {
  return shape.aead ? 0 : shape.iv_bytes;
}
// One draw from the random source for the packets of a burst, `bytes` together at most. `each` is called with a visitor
// and calls it with the ESP bytes and the shape of each of them.
template <typename Each>
void FillIvs(Random& random, Bytes& drawn, std::size_t bytes, Each each) {
  if (bytes == 0) return;
  drawn.resize(bytes);
  random.Fill(drawn);
  const std::uint8_t* next = drawn.data();
  each([&next](std::uint8_t* esp, const EspShape& shape) {
    const std::size_t n = RandomIvBytes(shape);
    std::copy_n(next, n, esp + kEspHeaderBytes);
    next += n;
  });
}

// What can be refused before the cryptography.
inline Drop BeforeOpening(const SharedSa& sa, ByteView esp, Time now) {
  if (now >= sa.expires) return Drop::kSaExpired;
  const Drop drop = CheckEspLength(esp, sa.shape);
  return drop == Drop::kNone ? sa.window.Check(Load32(esp.data() + 4)) : drop;
}
// After it: the inner packet and its next header, with kNone. The replay window moves last, so that a packet that is
// refused for any reason changes nothing.
inline Drop AfterOpening(SharedSa& sa, ByteSpan esp, hal::Verdict verdict, ByteSpan& inner, std::uint8_t& next_header) {
  if (const Drop drop = FromVerdict(verdict); drop != Drop::kNone) return drop;
  const auto unwrapped = UnwrapEsp(esp, sa.shape);
  if (!unwrapped) return Drop::kBadPadding;
  if (const Drop drop = sa.window.Update(Load32(esp.data() + 4)); drop != Drop::kNone) return drop;
  inner = unwrapped->inner;
  next_header = unwrapped->next_header;
  return Drop::kNone;
}

}  // namespace sw::ipsec
