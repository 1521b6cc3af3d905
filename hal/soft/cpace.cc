#include <sodium.h>

#include <algorithm>
#include <array>

#include "hal/pake.h"
#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

// Names and values of draft-irtf-cfrg-cpace-21, sections on CPACE-RISTR255-SHA512.
constexpr std::string_view kDsi = "CPaceRistretto255";
constexpr std::string_view kDsiIsk = "CPaceRistretto255_ISK";
constexpr std::string_view kMacDsi = "CPaceMac";
constexpr std::size_t kSInBytes = 128;  // H.s_in_bytes: a block of SHA-512

static_assert(kCpaceShareBytes == crypto_core_ristretto255_BYTES);
static_assert(kCpaceKeyBytes == crypto_hash_sha512_BYTES && kCpaceTagBytes == crypto_auth_hmacsha512_BYTES);

void Put(Bytes& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}
void Put(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// prepend_len: the length as LEB128 in front.
void PutLength(Bytes& to, std::size_t length) {
  for (; length > 0x7f; length >>= 7) to.push_back(static_cast<std::uint8_t>((length & 0x7f) | 0x80));
  to.push_back(static_cast<std::uint8_t>(length));
}
template <typename T>
void PutLv(Bytes& to, const T& part) {
  PutLength(to, part.size());
  Put(to, part);
}

using Digest = std::array<std::uint8_t, crypto_hash_sha512_BYTES>;
Digest Sha512(const Bytes& input) {
  Digest out;
  crypto_hash_sha512(out.data(), input.data(), input.size());
  return out;
}

// generator_string(DSI, PRS, CI, sid, s_in_bytes), mapped to the group.
std::array<std::uint8_t, kCpaceShareBytes> Generator(const CpaceInputs& inputs) {
  Bytes ci;
  PutLv(ci, inputs.initiator);
  PutLv(ci, inputs.responder);
  Put(ci, inputs.channel);
  Bytes text;
  PutLv(text, kDsi);
  PutLv(text, inputs.secret);
  const std::size_t used = text.size() + 1;
  PutLv(text, Bytes(used < kSInBytes ? kSInBytes - used : 0));  // zero_bytes(len_zpad)
  PutLv(text, ci);
  PutLv(text, inputs.session);
  Digest digest = Sha512(text);
  Wipe(text);
  std::array<std::uint8_t, kCpaceShareBytes> out;
  Require(crypto_core_ristretto255_from_hash(out.data(), digest.data()) == 0, "CPace generator");
  sodium_memzero(digest.data(), digest.size());
  return out;
}

Bytes Message(ByteView share, ByteView associated) {  // lv_cat(Y, AD)
  Bytes out;
  PutLv(out, share);
  PutLv(out, associated);
  return out;
}

Bytes Tag(const Digest& key, const Bytes& message) {
  Bytes out(kCpaceTagBytes);
  crypto_auth_hmacsha512_state state;  // a key of 64 bytes, which crypto_auth_hmacsha512() does not take
  crypto_auth_hmacsha512_init(&state, key.data(), key.size());
  crypto_auth_hmacsha512_update(&state, message.data(), message.size());
  crypto_auth_hmacsha512_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

}  // namespace

Cpace Cpace::Begin(CpaceRole role, const CpaceInputs& inputs, ByteView associated, Random& random) {
  static const bool ready = sodium_init() >= 0;
  Require(ready, "libsodium");
  auto generator = Generator(inputs);
  SecretBytes scalar(crypto_core_ristretto255_SCALARBYTES);
  random.Fill(scalar.span());
  scalar.span().back() &= 0x0f;  // sample_scalar(): 252 bits
  Bytes share(kCpaceShareBytes);
  // Refuses the scalar 0 only, which no working generator gives.
  Require(crypto_scalarmult_ristretto255(share.data(), scalar.view().data(), generator.data()) == 0, "CPace scalar");
  sodium_memzero(generator.data(), generator.size());
  return Cpace(role, std::move(scalar), std::move(share), Bytes(associated.begin(), associated.end()),
               Bytes(inputs.session.begin(), inputs.session.end()));
}

std::optional<Cpace::Outcome> Cpace::Finish(ByteView peer_share, ByteView peer_associated) const {
  if (peer_share.size() != kCpaceShareBytes || std::ranges::equal(peer_share, share_)) return std::nullopt;
  // An element has one encoding, below 2^255 (RFC 9496 section 4.3.1); libsodium 1.0.18 leaves the top bit unread.
  if ((peer_share.back() & 0x80) != 0) return std::nullopt;
  SecretBytes k(crypto_core_ristretto255_BYTES);
  // scalar_mult_vfy: refuses what is not the encoding of an element, and the identity.
  if (crypto_scalarmult_ristretto255(k.span().data(), scalar_.view().data(), peer_share.data()) != 0)
    return std::nullopt;
  const Bytes own = Message(share_, associated_), peer = Message(peer_share, peer_associated);
  const bool first = role_ == CpaceRole::kInitiator;

  Bytes input;  // lv_cat(DSI_ISK, sid, K) || transcript_ir
  PutLv(input, kDsiIsk);
  PutLv(input, session_);
  PutLv(input, k.view());
  Put(input, ByteView(first ? own : peer));
  Put(input, ByteView(first ? peer : own));
  Digest isk = Sha512(input);
  Wipe(input);

  Bytes of_mac;
  Put(of_mac, kMacDsi);
  Put(of_mac, ByteView(session_));
  Put(of_mac, ByteView(isk));
  Digest mac_key = Sha512(of_mac);
  Wipe(of_mac);

  Outcome out{SecretBytes(ByteView(isk)), Tag(mac_key, own), Tag(mac_key, peer)};
  sodium_memzero(isk.data(), isk.size());
  sodium_memzero(mac_key.data(), mac_key.size());
  return out;
}

}  // namespace sw::hal
