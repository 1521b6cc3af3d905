#include "device/config/secret.h"

#include "device/config/cipher_text.h"

namespace sw::device {

std::optional<SecretBytes> Secret::Reveal() const {
  if (!cipher) return SecretBytes(text);
  const std::optional<std::string> plain = device::Reveal(text);
  if (!plain) return std::nullopt;
  return SecretBytes(*plain);
}

Secret SecretOf(const configdb::Row& row, std::string_view text, std::string_view form) {
  return {row.TextOr(text, ""), row.TextOr(form, "simple") == "cipher"};
}

}  // namespace sw::device
