// What stands for a secret where the operator's level does not allow to see it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sw::cli {

inline constexpr std::string_view kMask = "******";
inline constexpr std::uint8_t kSecretLevel = 3;  // who sees secrets that were typed in plain

// `text`, or the mask when it is a secret that `level` must not see. Nothing stays nothing.
inline std::string Masked(std::string text, bool secret, std::uint8_t level) {
  return secret && level < kSecretLevel && !text.empty() ? std::string(kMask) : text;
}

}  // namespace sw::cli
