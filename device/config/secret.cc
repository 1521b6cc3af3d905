#include "device/config/secret.h"

#include "device/config/cipher_text.h"
#include "device/config/password_hash.h"
#include "hal/primitives.h"

namespace sw::device {

std::optional<SecretBytes> Secret::Reveal() const {
  switch (form) {
    case SecretForm::kSimple:
      return SecretBytes(text);
    case SecretForm::kCipher:
      return device::Reveal(text);
    case SecretForm::kHash:
      break;
  }
  return std::nullopt;
}

bool Secret::Matches(std::string_view typed) const {
  if (!set()) return false;
  if (form == SecretForm::kHash) return MatchesHash(text, typed);
  const std::optional<SecretBytes> plain = Reveal();
  return plain && hal::EqualConstantTime(plain->view(), AsBytes(typed));
}

Secret SecretOf(const configdb::Row& row, std::string_view text, std::string_view form) {
  const std::string word = row.TextOr(form, "simple");
  const SecretForm kept = word == "cipher" ? SecretForm::kCipher
                          : word == "hash" ? SecretForm::kHash
                                           : SecretForm::kSimple;
  return {row.TextOr(text, ""), kept};
}

}  // namespace sw::device
