// Base64 (RFC 4648 section 4) over OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hal/base/bytes.h"

namespace sw::hal {

std::string Base64(ByteView bytes);
std::optional<Bytes> FromBase64(std::string_view text);  // strict: padded, no white space

}  // namespace sw::hal
