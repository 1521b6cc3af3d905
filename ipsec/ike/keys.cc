#include "ipsec/ike/keys.h"

#include <algorithm>

namespace sw::ipsec::ike {
namespace {

// Collects what goes into a PRF; wiped, because some of it is secret.
class Text {
 public:
  ~Text() { Wipe(bytes_); }
  Text& Put(ByteView b) {
    // Reserve by hand: a vector that grows leaves its old, unwiped bytes behind.
    if (bytes_.capacity() < bytes_.size() + b.size()) {
      Bytes larger;
      larger.reserve(2 * (bytes_.size() + b.size()));
      larger.assign(bytes_.begin(), bytes_.end());
      Wipe(bytes_);
      bytes_.swap(larger);
    }
    bytes_.insert(bytes_.end(), b.begin(), b.end());
    return *this;
  }
  Text& U8(std::uint8_t v) { return Put({&v, 1}); }
  Text& U32(std::uint32_t v) {
    std::uint8_t b[4];
    Store32(b, v);
    return Put(b);
  }
  Text& U64(std::uint64_t v) {
    std::uint8_t b[8];
    Store64(b, v);
    return Put(b);
  }
  ByteView view() const { return bytes_; }

 private:
  Bytes bytes_;
};

// prf(key, seed), prf(key, block 1 | seed) and so on until there are enough bytes (RFC 2409 section 5.5).
SecretBytes Expand(HashAlgorithm hash, ByteView key, ByteView first_text, ByteView later_text, std::size_t bytes) {
  SecretBytes out(bytes);
  SecretBytes block = hal::Hmac(hash, key, first_text);
  for (std::size_t have = 0; have < bytes;) {
    const std::size_t n = std::min(block.size(), bytes - have);
    std::copy_n(block.view().begin(), n, out.span().begin() + static_cast<std::ptrdiff_t>(have));
    have += n;
    Text next;
    next.Put(block.view()).Put(later_text);
    block = hal::Hmac(hash, key, next.view());
  }
  return out;
}

SecretBytes Skeyid(const Phase1Inputs& in) {
  Text nonces;
  nonces.Put(in.nonce_i).Put(in.nonce_r);
  return in.pre_shared_key.empty() ? hal::Hmac(in.hash, nonces.view(), in.shared.view())
                                   : hal::Hmac(in.hash, in.pre_shared_key.view(), nonces.view());
}

SecretBytes Derive(const Phase1Inputs& in, const SecretBytes& skeyid, ByteView previous, std::uint8_t number) {
  Text text;
  text.Put(previous).Put(in.shared.view()).U64(in.cookies.initiator).U64(in.cookies.responder).U8(number);
  return hal::Hmac(in.hash, skeyid.view(), text.view());
}

std::size_t BlockBytes(const Phase1Keys& keys) {
  return hal::Info(keys.cipher).block_bytes;
}

}  // namespace

Phase1Keys DeriveKeys(const Phase1Inputs& in) {
  Phase1Keys keys;
  keys.hash = in.hash;
  keys.cipher = in.cipher;
  keys.skeyid = Skeyid(in);
  keys.skeyid_d = Derive(in, keys.skeyid, {}, 0);
  keys.skeyid_a = Derive(in, keys.skeyid, keys.skeyid_d.view(), 1);
  keys.skeyid_e = Derive(in, keys.skeyid, keys.skeyid_a.view(), 2);
  const std::size_t need = hal::Info(in.cipher).key_bytes;
  if (need <= keys.skeyid_e.size()) {
    keys.key = SecretBytes(keys.skeyid_e.view().first(need));
  } else {
    const std::uint8_t zero = 0;
    keys.key = Expand(in.hash, keys.skeyid_e.view(), {&zero, 1}, {}, need);
  }
  Bytes publics = in.public_i;
  publics.insert(publics.end(), in.public_r.begin(), in.public_r.end());
  keys.first_iv = hal::Hash(in.hash, publics);
  keys.first_iv.resize(BlockBytes(keys));
  return keys;
}

Phase1Keys EarlyKeys(const Phase1Inputs& in) {
  Phase1Keys keys;
  keys.hash = in.hash;
  keys.cipher = in.cipher;
  keys.skeyid = Skeyid(in);
  return keys;
}

SecretBytes AuthenticationHash(const Phase1Keys& keys, const Phase1Inputs& in, Role author, ByteView sa_body,
                               ByteView id_body) {
  const bool i = author == Role::kInitiator;
  Text text;
  text.Put(i ? in.public_i : in.public_r).Put(i ? in.public_r : in.public_i);
  text.U64(i ? in.cookies.initiator : in.cookies.responder).U64(i ? in.cookies.responder : in.cookies.initiator);
  text.Put(sa_body).Put(id_body);
  return hal::Hmac(keys.hash, keys.skeyid.view(), text.view());
}

Bytes ExchangeIv(const Phase1Keys& keys, ByteView last_block, std::uint32_t message_id) {
  Text text;
  text.Put(last_block).U32(message_id);
  Bytes iv = hal::Hash(keys.hash, text.view());
  iv.resize(BlockBytes(keys));
  return iv;
}

void EncryptBody(const Phase1Keys& keys, Bytes& iv, Bytes& body) {
  const std::size_t block = BlockBytes(keys);
  body.resize((body.size() + block - 1) / block * block);
  if (body.empty() || !hal::CbcEncrypt(keys.cipher, keys.key.view(), iv, body)) return body.clear();
  iv.assign(body.end() - static_cast<std::ptrdiff_t>(block), body.end());
}

std::optional<SecretBytes> DecryptBody(const Phase1Keys& keys, Bytes& iv, ByteView body) {
  const std::size_t block = BlockBytes(keys);
  if (body.empty() || body.size() % block != 0) return std::nullopt;
  SecretBytes plain(body);
  if (!hal::CbcDecrypt(keys.cipher, keys.key.view(), iv, plain.span())) return std::nullopt;
  iv.assign(body.end() - static_cast<std::ptrdiff_t>(block), body.end());
  return plain;
}

SecretBytes Hash1(const Phase1Keys& keys, std::uint32_t message_id, ByteView rest) {
  Text text;
  text.U32(message_id).Put(rest);
  return hal::Hmac(keys.hash, keys.skeyid_a.view(), text.view());
}

SecretBytes Hash2(const Phase1Keys& keys, std::uint32_t message_id, ByteView nonce_i, ByteView rest) {
  Text text;
  text.U32(message_id).Put(nonce_i).Put(rest);
  return hal::Hmac(keys.hash, keys.skeyid_a.view(), text.view());
}

SecretBytes Hash3(const Phase1Keys& keys, std::uint32_t message_id, ByteView nonce_i, ByteView nonce_r) {
  Text text;
  text.U8(0).U32(message_id).Put(nonce_i).Put(nonce_r);
  return hal::Hmac(keys.hash, keys.skeyid_a.view(), text.view());
}

SecretBytes KeyMaterial(const Phase1Keys& keys, const SecretBytes& shared, Protocol protocol, ByteView spi,
                        ByteView nonce_i, ByteView nonce_r, std::size_t bytes) {
  Text seed;
  seed.Put(shared.view()).U8(static_cast<std::uint8_t>(protocol)).Put(spi).Put(nonce_i).Put(nonce_r);
  return Expand(keys.hash, keys.skeyid_d.view(), seed.view(), seed.view(), bytes);
}

}  // namespace sw::ipsec::ike
