// Bodies of messages as several exchanges build and read them: hash payloads of phase 2, lifetimes in notifications.
// Pure functions.
#pragma once

#include <cstdint>

#include "hal/base/secret.h"
#include "ipsec/ike/wire.h"

namespace sw::ipsec::ike {

inline constexpr std::size_t kNonceBytes = 20;                         // of ours
inline constexpr std::size_t kShortestNonce = 8, kLongestNonce = 256;  // RFC 2409 section 5
inline bool IsNonce(const Payload& p) {
  return p.body.size() >= kShortestNonce && p.body.size() <= kLongestNonce;
}

// A message once it is decrypted.
struct Opened {
  SecretBytes plain;
  Payloads payloads;  // views into plain, or into the datagram
};

Bytes CopyOf(ByteView view);
Bytes SpiBytes(std::uint32_t spi);
// Everything behind the hash payload up to the last payload's end: what the hashes of phase 2 cover.
ByteView BehindHash(const Opened& opened);
bool HashIs(const Opened& opened, const SecretBytes& expected);
// The body of a message of phase 2: the hash payload, then `rest`.
Bytes HashedBody(const ChainWriter& rest, const SecretBytes& hash);
// The duration of one kind among the attributes that a RESPONDER-LIFETIME notification carries; 0: none.
std::uint32_t NotifiedLife(ByteView attributes, std::uint16_t type_attribute, LifeType kind);
// One pair of such attributes.
void PutLife(Writer& out, std::uint16_t type_attribute, std::uint16_t duration_attribute, LifeType kind,
             std::uint32_t value);

}  // namespace sw::ipsec::ike
