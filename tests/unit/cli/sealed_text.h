// Cipher text and hashes are never the same twice: what is to be compared has $sw2$... and $y$... in their place.
#pragma once

#include <regex>
#include <string>

namespace sw::cli {

inline std::string WithoutSealedText(const std::string& text) {
  static const std::regex kSealed(R"((\$(?:sw2|y)\$)[A-Za-z0-9+/=.$]{8,})");
  return std::regex_replace(text, kSealed, "$1...");
}

}  // namespace sw::cli
