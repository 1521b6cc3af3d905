#include "hal/primitives.h"
#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

// A suite that seals, with keys of its sizes. Suite 13 protects nothing, so it never seals.
bool Usable(const Suite& suite, const SealKeys& keys) {
  return suite.cipher != Cipher::kNull && suite.integrity != Integrity::kNone &&
         keys.cipher.size() == Info(suite.cipher).key_bytes &&
         keys.integrity.size() == Info(suite.integrity).key_bytes && Openssl::Get().cipher(suite.cipher) != nullptr;
}

// The HMAC over (aad | body) into `tag`.
void Tag(const Suite& suite, const SealKeys& keys, ByteView aad, ByteView body, ByteSpan tag) {
  MacContextPtr mac = Openssl::Get().KeyedHmac(suite.integrity, keys.integrity.view());
  Require(mac != nullptr && EVP_MAC_update(mac.get(), aad.data(), aad.size()) == 1 &&
              EVP_MAC_update(mac.get(), body.data(), body.size()) == 1 &&
              EVP_MAC_final(mac.get(), tag.data(), nullptr, tag.size()) == 1,
          "HMAC");
}

// CBC with PKCS#7 padding. `out` must have room for one block more than `in`; nullopt: wrong padding or length.
std::optional<std::size_t> Crypt(const Suite& suite, const SealKeys& keys, ByteView iv, ByteView in, ByteSpan out,
                                 bool encrypt) {
  CipherContextPtr cipher(EVP_CIPHER_CTX_new());
  Require(cipher != nullptr && EVP_CipherInit_ex2(cipher.get(), Openssl::Get().cipher(suite.cipher),
                                                  keys.cipher.view().data(), iv.data(), encrypt ? 1 : 0, nullptr) == 1,
          "cipher");
  int body = 0;
  int tail = 0;
  if (EVP_CipherUpdate(cipher.get(), out.data(), &body, in.data(), static_cast<int>(in.size())) != 1) {
    return std::nullopt;
  }
  if (EVP_CipherFinal_ex(cipher.get(), out.data() + body, &tail) != 1) return std::nullopt;
  return static_cast<std::size_t>(body + tail);
}

}  // namespace

std::size_t SealKeyBytes(const Suite& suite) {
  return Info(suite.cipher).key_bytes + Info(suite.integrity).key_bytes;
}

SealKeys SplitSealKeys(const Suite& suite, const SecretBytes& material) {
  if (material.size() != SealKeyBytes(suite)) return {};
  const std::size_t cipher_bytes = Info(suite.cipher).key_bytes;
  return {SecretBytes(material.view().first(cipher_bytes)), SecretBytes(material.view().subspan(cipher_bytes))};
}

Bytes Seal(const Suite& suite, const SealKeys& keys, ByteView aad, ByteView plain, Random& random) {
  if (!Usable(suite, keys) || plain.size() > kMaxSealedBytes) return {};
  const CipherInfo& cipher = Info(suite.cipher);
  const std::size_t tag_bytes = Info(suite.integrity).tag_bytes;
  const std::size_t padded = (plain.size() / cipher.block_bytes + 1) * cipher.block_bytes;
  Bytes sealed(cipher.iv_bytes + padded + tag_bytes);
  const ByteSpan all(sealed);
  const ByteSpan iv = all.first(cipher.iv_bytes);
  random.Fill(iv);
  const auto length = Crypt(suite, keys, iv, plain, all.subspan(cipher.iv_bytes, padded), true);
  Require(length == padded, "cipher");
  Tag(suite, keys, aad, all.first(cipher.iv_bytes + padded), all.last(tag_bytes));
  return sealed;
}

std::optional<SecretBytes> Open(const Suite& suite, const SealKeys& keys, ByteView aad, ByteView sealed) {
  if (!Usable(suite, keys)) return std::nullopt;
  const CipherInfo& cipher = Info(suite.cipher);
  const std::size_t tag_bytes = Info(suite.integrity).tag_bytes;
  if (sealed.size() < cipher.iv_bytes + cipher.block_bytes + tag_bytes) return std::nullopt;
  const ByteView body = sealed.first(sealed.size() - tag_bytes);
  const ByteView text = body.subspan(cipher.iv_bytes);
  if (text.size() % cipher.block_bytes != 0 || text.size() > kMaxSealedBytes + cipher.block_bytes) return std::nullopt;
  std::uint8_t tag[EVP_MAX_MD_SIZE];
  Tag(suite, keys, aad, body, ByteSpan(tag, tag_bytes));
  if (!EqualConstantTime(ByteView(tag, tag_bytes), sealed.last(tag_bytes))) return std::nullopt;

  SecretBytes room(text.size() + cipher.block_bytes);
  const auto length = Crypt(suite, keys, body.first(cipher.iv_bytes), text, room.span(), false);
  if (!length) return std::nullopt;
  return SecretBytes(room.view().first(*length));
}

}  // namespace sw::hal
