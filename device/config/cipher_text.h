// The text behind the keyword `cipher`: sealed by the key of the installation (device/config/key_ring.h), so that a
// configuration tells nothing of its secrets to who has not got that file.
//
// Form: "$sw2$" and base64 of id of the key | nonce | AES-256-GCM | tag. Equal secrets give different texts. Texts of
// earlier programs, "$sw1$", were concealed by a key in the program; they are still opened. Texts of other makes are kept
// and not opened. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hal/base/secret.h"

namespace sw::device {

std::string Conceal(std::string_view plain);
std::optional<SecretBytes> Reveal(std::string_view text);

// Why Reveal opens nothing, for the operator; empty: it does.
std::string WhyClosed(std::string_view text);
// Whether Conceal of today made it; everything else that opens is to be sealed anew.
bool IsSealed(std::string_view text);

}  // namespace sw::device
