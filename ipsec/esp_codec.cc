#include "ipsec/esp_codec.h"

#include <algorithm>

namespace sw::ipsec {

EspShape::EspShape(hal::Cipher cipher, hal::Integrity integrity)
    : iv_bytes(Info(cipher).iv_bytes),
      align(std::max<std::size_t>(4, Info(cipher).block_bytes)),
      icv_bytes(Info(integrity).icv_bytes),
      aead(Info(cipher).aead) {}

bool WrapEsp(Packet& packet, const EspShape& shape, std::uint32_t spi, std::uint32_t sequence,
             std::uint8_t next_header) {
  const std::size_t pad = shape.PadBytes(packet.size());
  const std::size_t back = pad + kEspTrailerBytes + shape.icv_bytes;
  if (packet.headroom() < shape.front() || packet.tailroom() < back) return false;
  const ByteSpan header = packet.Prepend(shape.front());
  Store32(header.data(), spi);
  Store32(header.data() + 4, sequence);
  const ByteSpan trailer = packet.Append(back);
  for (std::size_t i = 0; i < pad; ++i) trailer[i] = static_cast<std::uint8_t>(i + 1);
  trailer[pad] = static_cast<std::uint8_t>(pad);
  trailer[pad + 1] = next_header;
  return true;
}

Drop CheckEspLength(ByteView packet, const EspShape& shape) {
  const std::size_t least = shape.front() + shape.align + shape.icv_bytes;
  if (packet.size() < least) return Drop::kTruncated;
  return (packet.size() - least) % shape.align == 0 ? Drop::kNone : Drop::kBadPadding;
}

hal::CryptoOp EspOp(Packet& packet, const EspShape& shape) {
  hal::CryptoOp op;
  const auto size = static_cast<std::uint32_t>(packet.size());
  const auto front = static_cast<std::uint32_t>(shape.front());
  const auto icv = static_cast<std::uint32_t>(shape.icv_bytes);
  op.data = packet.data().data();
  op.size = size;
  op.iv_offset = kEspHeaderBytes;
  op.cipher_offset = front;
  op.cipher_length = size - front - icv;
  op.auth_length = shape.aead ? static_cast<std::uint32_t>(kEspHeaderBytes) : size - icv;
  op.icv_offset = size - icv;
  return op;
}

std::optional<std::uint8_t> UnwrapEsp(Packet& packet, const EspShape& shape) {
  const ByteView text = packet.data().subspan(shape.front(), packet.size() - shape.front() - shape.icv_bytes);
  const std::uint8_t next_header = text[text.size() - 1];
  const std::size_t pad = text[text.size() - 2];
  if (pad + kEspTrailerBytes > text.size()) return std::nullopt;
  const ByteView padding = text.subspan(text.size() - kEspTrailerBytes - pad, pad);
  for (std::size_t i = 0; i < pad; ++i) {
    if (padding[i] != i + 1) return std::nullopt;
  }
  packet.TrimFront(shape.front());
  packet.TrimBack(pad + kEspTrailerBytes + shape.icv_bytes);
  return next_header;
}

}  // namespace sw::ipsec
