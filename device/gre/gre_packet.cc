#include "device/gre/gre_packet.h"

#include "hal/ports/ipv4.h"

namespace sw::device {
namespace {

constexpr std::uint16_t kChecksumBit = 0x8000, kKeyBit = 0x2000, kSequenceBit = 0x1000;
constexpr std::uint16_t kDiscard = 0x4c07;  // routing, strict source route, recursion control's first bit; version

}  // namespace

GreReading ReadGre(ByteView bytes) {
  GreReading out;
  Reader reader(bytes);
  const std::uint16_t bits = reader.U16();
  GreHeader& header = out.header;
  header.protocol = reader.U16();
  header.checksum = (bits & kChecksumBit) != 0;
  if (header.checksum) reader.U32();
  if ((bits & kKeyBit) != 0) header.key = reader.U32();
  if ((bits & kSequenceBit) != 0) header.sequence = reader.U32();
  if (!reader.ok() || (bits & kDiscard) != 0) return out;
  const bool good = !header.checksum || hal::InternetChecksum(bytes) == 0;
  out.fault = good ? GreFault::kNone : GreFault::kChecksum;
  return out;
}

void WriteGre(ByteSpan bytes, const GreHeader& header) {
  const int bits =
      (header.checksum ? kChecksumBit : 0) | (header.key ? kKeyBit : 0) | (header.sequence ? kSequenceBit : 0);
  Store16(&bytes[0], static_cast<std::uint16_t>(bits));
  Store16(&bytes[2], header.protocol);
  std::size_t at = kGreBaseSize;
  if (header.checksum) {
    Store32(&bytes[at], 0);
    at += kGreOptionSize;
  }
  for (const auto& option : {header.key, header.sequence}) {
    if (!option) continue;
    Store32(&bytes[at], *option);
    at += kGreOptionSize;
  }
  if (header.checksum) Store16(&bytes[kGreBaseSize], hal::InternetChecksum(bytes));
}

}  // namespace sw::device
