#include "ipsec/ike/message_bodies.h"

#include "hal/primitives.h"

namespace sw::ipsec::ike {

Bytes CopyOf(ByteView view) {
  return {view.begin(), view.end()};
}

Bytes SpiBytes(std::uint32_t spi) {
  Bytes out(4);
  Store32(out.data(), spi);
  return out;
}

ByteView BehindHash(const Opened& opened) {
  const Payloads& p = opened.payloads;
  const ByteView first = p.front().whole, last = p.back().whole;
  const std::uint8_t* begin = first.data() + first.size();
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

bool HashIs(const Opened& opened, const SecretBytes& expected) {
  return !opened.payloads.empty() && opened.payloads.front().type == PayloadType::kHash &&
         hal::EqualConstantTime(opened.payloads.front().body, expected.view());
}

Bytes HashedBody(const ChainWriter& rest, const SecretBytes& hash) {
  Bytes body;
  Writer out(body);
  out.U8(static_cast<std::uint8_t>(rest.first()));
  out.U8(0);
  out.U16(static_cast<std::uint16_t>(4 + hash.size()));
  out.Put(hash.view());
  out.Put(rest.bytes());
  return body;
}

std::uint32_t NotifiedLife(ByteView attributes, std::uint16_t type_attribute, LifeType kind) {
  // As a transform that has nothing but these attributes.
  Bytes transform{1, 1, 0, 0};
  transform.insert(transform.end(), attributes.begin(), attributes.end());
  Bytes body;
  Writer out(body);
  out.U32(kDoiIpsec);
  out.U32(kSituationIdentityOnly);
  out.U32(static_cast<std::uint32_t>(12 + transform.size()));
  out.U32(0x01010001);  // proposal 1, ISAKMP, no SPI, one transform
  out.U32(static_cast<std::uint32_t>(4 + transform.size()));
  out.Put(transform);
  const Parsed<SaOffer> parsed = ParseSa(body);
  const auto* offer = std::get_if<SaOffer>(&parsed);
  return offer == nullptr ? 0 : (*offer)[0].transforms[0].Life(type_attribute, kind).value_or(0);
}

void PutLife(Writer& out, std::uint16_t type_attribute, std::uint16_t duration_attribute, LifeType kind,
             std::uint32_t value) {
  if (value == 0) return;
  out.U16(0x8000 | type_attribute);
  out.U16(kind);
  out.U16(duration_attribute);
  out.U16(4);
  out.U32(value);
}

}  // namespace sw::ipsec::ike
