// What stands for a secret where the operator's level does not allow to see it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sw::cli {

inline constexpr std::string_view kMask = "******";
inline constexpr std::uint8_t kSecretLevel = 3;  // who sees secrets that were typed in plain

}  // namespace sw::cli
