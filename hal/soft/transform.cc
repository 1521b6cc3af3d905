#include "hal/soft/transform.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sw::hal {
namespace {

struct Range {
  std::uint64_t begin, end;
  Range(std::uint64_t offset, std::uint64_t length) : begin(offset), end(offset + length) {}
  bool Within(std::uint64_t size) const { return end <= size; }
  bool Meets(const Range& o) const { return begin < o.end && o.begin < end; }
};

}  // namespace

std::optional<Transform> Transform::Create(const SaSpec& spec) {
  Transform t(spec);
  if (spec.cipher != Cipher::kNull) {
    const EVP_CIPHER* cipher = Openssl::Get().cipher(spec.cipher);
    t.keyed_cipher_.reset(EVP_CIPHER_CTX_new());
    if (cipher == nullptr || t.keyed_cipher_ == nullptr ||
        EVP_CipherInit_ex2(t.keyed_cipher_.get(), cipher, spec.cipher_key.view().data(), nullptr,
                           spec.direction == Direction::kSeal ? 1 : 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(t.keyed_cipher_.get(), 0) != 1) {
      return std::nullopt;
    }
  }
  if (spec.integrity != Integrity::kNone) {
    t.keyed_hmac_ = Openssl::Get().KeyedHmac(spec.integrity, spec.integrity_key.view());
    if (t.keyed_hmac_ == nullptr) return std::nullopt;
  }
  return t;
}

bool Transform::ShapeFits(const CryptoOp& op) const {
  if (op.data == nullptr) return false;
  const CipherInfo& cipher = Info(cipher_);
  const Range iv(op.iv_offset, cipher.iv_bytes);
  const Range text(op.cipher_offset, op.cipher_length);
  const Range auth(op.auth_offset, op.auth_length);
  const Range icv(op.icv_offset, Info(integrity_).icv_bytes);
  if (!iv.Within(op.size) || !text.Within(op.size) || !auth.Within(op.size) || !icv.Within(op.size)) return false;
  if (op.cipher_length % cipher.block_bytes != 0) return false;
  if (cipher_ != Cipher::kNull && op.cipher_length == 0) return false;
  return !icv.Meets(iv) && !icv.Meets(text) && !icv.Meets(auth) && !iv.Meets(text);
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

Verdict Transform::Apply(const CryptoOp& op) {
  if (!ShapeFits(op)) return Verdict::kBadShape;
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
