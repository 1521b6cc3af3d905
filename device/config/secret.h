// A key or password as it is configured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config-db/store.h"
#include "hal/base/secret.h"

namespace sw::device {

// Plain, sealed (device/config/cipher_text.h), or, of passwords of people, a hash (device/config/password_hash.h).
enum class SecretForm : std::uint8_t { kSimple, kCipher, kHash };

struct Secret {
  std::string text;
  SecretForm form = SecretForm::kSimple;
  bool set() const { return !text.empty(); }
  // What it stands for; nullopt when the text cannot be opened here, and of hashes always.
  std::optional<SecretBytes> Reveal() const;
  // Whether it is what somebody has typed. Of a hash that takes a tenth of a second.
  bool Matches(std::string_view typed) const;
  friend bool operator==(const Secret&, const Secret&) = default;
};

// The pair of columns NAME and NAME_form.
Secret SecretOf(const configdb::Row& row, std::string_view column, std::string_view form);

}  // namespace sw::device
