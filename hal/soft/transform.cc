#include "hal/soft/transform.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sw::hal {

std::optional<Transform> Transform::Create(const SaSpec& spec) {
  Transform t(spec);
  if (spec.cipher != Cipher::kNull) {
    const EVP_CIPHER* cipher = Openssl::Get().cipher(spec.cipher);
    t.keyed_cipher_.reset(EVP_CIPHER_CTX_new());
    if (Info(spec.cipher).aead) {
      const ByteView salt = spec.cipher_key.view().last(kSaltBytes);
      std::copy(salt.begin(), salt.end(), t.salt_.begin());
    }
    if (cipher == nullptr || t.keyed_cipher_ == nullptr ||
        EVP_CipherInit_ex2(t.keyed_cipher_.get(), cipher, spec.cipher_key.view().data(), nullptr,
                           spec.direction == Direction::kSeal ? 1 : 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(t.keyed_cipher_.get(), 0) != 1) {
      return std::nullopt;
    }
  }
  if (spec.integrity != Integrity::kNone && spec.integrity != Integrity::kAead) {
    t.keyed_hmac_ = Openssl::Get().KeyedHmac(spec.integrity, spec.integrity_key.view());
    if (t.keyed_hmac_ == nullptr) return std::nullopt;
  }
  return t;
}

bool Transform::Crypt(const CryptoOp& op) {
  if (keyed_cipher_ == nullptr) return true;
  std::uint8_t* text = op.data + op.cipher_offset;
  int length = 0;
  return EVP_CipherInit_ex2(keyed_cipher_.get(), nullptr, nullptr, op.data + op.iv_offset, -1, nullptr) == 1 &&
         EVP_CipherUpdate(keyed_cipher_.get(), text, &length, text, static_cast<int>(op.cipher_length)) == 1 &&
         static_cast<std::uint32_t>(length) == op.cipher_length;
}

bool Transform::Tag(const CryptoOp& op, std::uint8_t* whole_hmac) {
  return EVP_MAC_init(keyed_hmac_.get(), nullptr, 0, nullptr) == 1 &&
         EVP_MAC_update(keyed_hmac_.get(), op.data + op.auth_offset, op.auth_length) == 1 &&
         EVP_MAC_final(keyed_hmac_.get(), whole_hmac, nullptr, EVP_MAX_MD_SIZE) == 1;
}

Verdict Transform::ApplyAead(const CryptoOp& op) {
  EVP_CIPHER_CTX* context = keyed_cipher_.get();
  constexpr std::size_t kIvBytes = 8;
  std::array<std::uint8_t, kSaltBytes + kIvBytes> nonce;
  std::copy(salt_.begin(), salt_.end(), nonce.begin());
  std::copy_n(op.data + op.iv_offset, kIvBytes, nonce.begin() + kSaltBytes);
  std::uint8_t* text = op.data + op.cipher_offset;
  std::uint8_t* icv = op.data + op.icv_offset;
  const int icv_bytes = static_cast<int>(Info(integrity_).icv_bytes);
  const bool seal = direction_ == Direction::kSeal;
  int length = 0;
  if (EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr) != 1 ||
      (!seal && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, icv_bytes, icv) != 1) ||
      EVP_CipherUpdate(context, nullptr, &length, op.data + op.auth_offset, static_cast<int>(op.auth_length)) != 1 ||
      EVP_CipherUpdate(context, text, &length, text, static_cast<int>(op.cipher_length)) != 1) {
    return Verdict::kFault;
  }
  if (EVP_CipherFinal_ex(context, text + length, &length) != 1) return seal ? Verdict::kFault : Verdict::kBadIcv;
  if (seal && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, icv_bytes, icv) != 1) return Verdict::kFault;
  return Verdict::kOk;
}

Verdict Transform::Apply(const CryptoOp& op) {
  if (!ShapeFits(op, {cipher_, integrity_})) return Verdict::kBadShape;
  if (integrity_ == Integrity::kAead) return ApplyAead(op);
  if (direction_ == Direction::kSeal && !Crypt(op)) return Verdict::kFault;
  if (keyed_hmac_ != nullptr) {
    const std::size_t icv_bytes = Info(integrity_).icv_bytes;
    std::uint8_t* icv = op.data + op.icv_offset;
    std::uint8_t whole_hmac[EVP_MAX_MD_SIZE];
    if (!Tag(op, whole_hmac)) return Verdict::kFault;
    if (direction_ == Direction::kSeal) {
      std::copy_n(whole_hmac, icv_bytes, icv);
    } else if (CRYPTO_memcmp(whole_hmac, icv, icv_bytes) != 0) {
      return Verdict::kBadIcv;
    }
  }
  if (direction_ == Direction::kOpen && !Crypt(op)) return Verdict::kFault;
  return Verdict::kOk;
}

}  // namespace sw::hal
