#include "hal/base64.h"

#include <openssl/evp.h>

namespace sw::hal {

std::string Base64(ByteView bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  // EncodeBlock also writes a terminating zero: std::string has room for it behind its end.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  return out;
}

std::optional<Bytes> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  Bytes out(text.size() / 4 * 3);
  const int n =
      EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (n < 0 || static_cast<std::size_t>(n) != out.size()) return std::nullopt;
  // DecodeBlock counts padding as zero bytes and forgives white space and stray bits; encoding again is the strict
  // check.
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(out.size() - padding);
  if (Base64(out) != text) return std::nullopt;
  return out;
}

}  // namespace sw::hal
