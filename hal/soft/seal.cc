#include <algorithm>

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

constexpr std::size_t kGcmNonceBytes = 12, kGcmTagBytes = 16;

// AES-GCM over `text` in place; sealing writes the tag, opening checks it.
bool Gcm(const Suite& suite, const SealKeys& keys, ByteView nonce, ByteView aad, ByteSpan text, ByteSpan tag,
         bool seal) {
  CipherContextPtr cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  Require(cipher != nullptr && EVP_CipherInit_ex2(cipher.get(), Openssl::Get().cipher(suite.cipher),
                                                  keys.cipher.view().data(), nonce.data(), seal ? 1 : 0, nullptr) == 1,
          "cipher");
  const int tag_bytes = static_cast<int>(tag.size());
  if (!seal) Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1, "tag");
  Require(EVP_CipherUpdate(cipher.get(), nullptr, &length, aad.data(), static_cast<int>(aad.size())) == 1 &&
              EVP_CipherUpdate(cipher.get(), text.data(), &length, text.data(), static_cast<int>(text.size())) == 1,
          "cipher");
  const bool right = EVP_CipherFinal_ex(cipher.get(), text.data() + text.size(), &length) == 1;
  if (seal)
    Require(right && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag.data()) == 1, "tag");
  return right;
}

Bytes SealGcm(const Suite& suite, const SealKeys& keys, ByteView aad, ByteView plain, Random& random) {
  Bytes sealed(kGcmNonceBytes + plain.size() + kGcmTagBytes);
  const ByteSpan all(sealed);
  random.Fill(all.first(kGcmNonceBytes));
  std::copy(plain.begin(), plain.end(), sealed.begin() + kGcmNonceBytes);
  (void)Gcm(suite, keys, all.first(kGcmNonceBytes), aad, all.subspan(kGcmNonceBytes, plain.size()),
            all.last(kGcmTagBytes), true);
  return sealed;
}

std::optional<SecretBytes> OpenGcm(const Suite& suite, const SealKeys& keys, ByteView aad, ByteView sealed) {
  if (sealed.size() < kGcmNonceBytes + kGcmTagBytes ||
      sealed.size() > kMaxSealedBytes + kGcmNonceBytes + kGcmTagBytes) {
    return std::nullopt;
  }
  SecretBytes text(sealed.subspan(kGcmNonceBytes, sealed.size() - kGcmNonceBytes - kGcmTagBytes));
  Bytes tag(sealed.end() - static_cast<std::ptrdiff_t>(kGcmTagBytes), sealed.end());
  if (!Gcm(suite, keys, sealed.first(kGcmNonceBytes), aad, text.span(), tag, false)) return std::nullopt;
  return text;
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

std::size_t SealedBytes(const Suite& suite, std::size_t plain_bytes) {
  const CipherInfo& cipher = Info(suite.cipher);
  if (cipher.aead) return kGcmNonceBytes + plain_bytes + kGcmTagBytes;
  return cipher.iv_bytes + (plain_bytes / cipher.block_bytes + 1) * cipher.block_bytes +
         Info(suite.integrity).tag_bytes;
}

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
  if (cipher.aead) return SealGcm(suite, keys, aad, plain, random);
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
  if (cipher.aead) return OpenGcm(suite, keys, aad, sealed);
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
