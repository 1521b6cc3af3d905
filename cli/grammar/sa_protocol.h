// The protocol of an SA as it is typed: ah or esp, in any case (guide page 386).
#pragma once

#include <algorithm>
#include <cctype>
#include <string>

#include "hal/base/result.h"
#include "ipsec/negotiation.h"

namespace sw::cli {

inline Result<ipsec::SaProtocol> SaProtocolOf(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "ah") return ipsec::SaProtocol::kAh;
  if (word == "esp") return ipsec::SaProtocol::kEsp;
  return Status(Code::kBadValue, "The protocol is ah or esp");
}

}  // namespace sw::cli
