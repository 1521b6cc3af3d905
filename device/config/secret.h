// A key or password as it is configured.
#pragma once

#include <optional>
#include <string>

#include "config-db/store.h"
#include "hal/base/secret.h"

namespace sw::device {

// A key or password as configured: plain, or concealed text (device/config/cipher_text.h).
struct Secret {
  std::string text;
  bool cipher = false;
  bool set() const { return !text.empty(); }
  // What it stands for; nullopt when the concealed text is not ours and cannot be opened.
  std::optional<SecretBytes> Reveal() const;
  friend bool operator==(const Secret&, const Secret&) = default;
};

// The pair of columns NAME and NAME_form.
Secret SecretOf(const configdb::Row& row, std::string_view column, std::string_view form);

}  // namespace sw::device
