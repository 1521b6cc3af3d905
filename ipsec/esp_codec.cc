#include "ipsec/esp_codec.h"

#include <algorithm>

namespace sw::ipsec {

EspShape::EspShape(hal::Cipher cipher, hal::Integrity integrity)
    : iv_bytes(Info(cipher).iv_bytes),
      align(std::max<std::size_t>(4, Info(cipher).block_bytes)),
      icv_bytes(Info(integrity).icv_bytes),
      aead(Info(cipher).aead) {}

bool HasEspRoom(const Packet& packet, const EspShape& shape) {
  return packet.headroom() >= shape.front() &&
         packet.tailroom() >= shape.Around(packet.size()) - shape.front() - packet.size();
}

void WrapEsp(Packet& packet, const EspShape& shape, std::uint32_t spi, std::uint32_t sequence,
             std::uint8_t next_header) {
  const std::size_t inner = packet.size(), whole = shape.Around(inner);
  packet.Prepend(shape.front());
  packet.Append(whole - packet.size());
  WrapEsp(packet.data(), shape, inner, spi, sequence, next_header);
}

void WrapEsp(ByteSpan esp, const EspShape& shape, std::size_t inner, std::uint32_t spi, std::uint32_t sequence,
             std::uint8_t next_header) {
  Store32(esp.data(), spi);
  Store32(esp.data() + 4, sequence);
  if (shape.aead) Store64(esp.data() + kEspHeaderBytes, sequence);  // never twice with one key (RFC 4106 section 3.1)
  std::uint8_t* trailer = esp.data() + shape.front() + inner;
  const std::size_t pad = shape.PadBytes(inner);
  for (std::size_t i = 1; i <= pad; ++i) *trailer++ = static_cast<std::uint8_t>(i);
  *trailer++ = static_cast<std::uint8_t>(pad);
  *trailer = next_header;
}

Drop CheckEspLength(ByteView packet, const EspShape& shape) {
  const std::size_t least = shape.front() + shape.align + shape.icv_bytes;
  if (packet.size() < least) return Drop::kTruncated;
  return (packet.size() - least) % shape.align == 0 ? Drop::kNone : Drop::kBadPadding;
}

hal::CryptoOp EspOp(ByteSpan packet, const EspShape& shape) {
  hal::CryptoOp op;
  const auto size = static_cast<std::uint32_t>(packet.size());
  const auto front = static_cast<std::uint32_t>(shape.front());
  const auto icv = static_cast<std::uint32_t>(shape.icv_bytes);
  op.data = packet.data();
  op.size = size;
  op.iv_offset = kEspHeaderBytes;
  op.cipher_offset = front;
  op.cipher_length = size - front - icv;
  op.auth_length = shape.aead ? static_cast<std::uint32_t>(kEspHeaderBytes) : size - icv;
  op.icv_offset = size - icv;
  return op;
}

std::optional<Unwrapped> UnwrapEsp(ByteSpan packet, const EspShape& shape) {
  const ByteSpan text = packet.subspan(shape.front(), packet.size() - shape.front() - shape.icv_bytes);
  const std::uint8_t next_header = text[text.size() - 1];
  const std::size_t pad = text[text.size() - 2];
  if (pad + kEspTrailerBytes > text.size()) return std::nullopt;
  const ByteView padding = text.subspan(text.size() - kEspTrailerBytes - pad, pad);
  for (std::size_t i = 0; i < pad; ++i) {
    if (padding[i] != i + 1) return std::nullopt;
  }
  return Unwrapped{text.first(text.size() - kEspTrailerBytes - pad), next_header};
}

}  // namespace sw::ipsec
