#include "hal/shape.h"

#include <cstdint>

namespace sw::hal {
namespace {

struct Range {
  std::uint64_t begin, end;
  Range(std::uint64_t offset, std::uint64_t length) : begin(offset), end(offset + length) {}
  bool Within(std::uint64_t size) const { return end <= size; }
  bool Meets(const Range& o) const { return begin < o.end && o.begin < end; }
};

}  // namespace

bool ShapeFits(const CryptoOp& op, Capability transform) {
  if (op.data == nullptr) return false;
  const CipherInfo& cipher = Info(transform.cipher);
  const Range iv(op.iv_offset, cipher.iv_bytes);
  const Range text(op.cipher_offset, op.cipher_length);
  const Range auth(op.auth_offset, op.auth_length);
  const Range icv(op.icv_offset, Info(transform.integrity).icv_bytes);
  if (!iv.Within(op.size) || !text.Within(op.size) || !auth.Within(op.size) || !icv.Within(op.size)) return false;
  if (op.cipher_length % cipher.block_bytes != 0) return false;
  if (transform.cipher != Cipher::kNull && op.cipher_length == 0) return false;
  if (cipher.aead && (auth.Meets(iv) || auth.Meets(text))) return false;
  return !icv.Meets(iv) && !icv.Meets(text) && !icv.Meets(auth) && !iv.Meets(text);
}

}  // namespace sw::hal
