// Published test vectors that the software engine must reproduce before it offers a transform.
#pragma once

#include <span>
#include <string_view>

#include "hal/suites.h"

namespace sw::hal {

struct CipherAnswer {
  Cipher cipher;
  std::string_view key, iv, plain, sealed;  // raw bytes
};
struct AeadAnswer {
  Cipher cipher;
  std::string_view key, iv, aad, plain, sealed, tag;  // raw bytes; the key ends with the salt
};
struct IntegrityAnswer {
  Integrity integrity;
  std::string_view key, message, icv;  // the ICV as ESP carries it: its first bytes
};
struct KnownAnswers {
  std::span<const CipherAnswer> ciphers;
  std::span<const IntegrityAnswer> integrity;
  std::span<const AeadAnswer> aead;
};

// One vector or more for everything in hal/suites.h but the null transforms, which have nothing to get wrong.
KnownAnswers PublishedAnswers();

}  // namespace sw::hal
