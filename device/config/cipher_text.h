// The text behind the keyword `cipher`: keeps a key from being read over a shoulder, and no more than that.
//
// As on the module, every device must be able to open what another one printed, so the key is in the program: this is
// concealment, not protection; protect the files. Equal secrets give equal text, so that replaying a script
// changes nothing. Form: "$sw1$" and base64; other vendors' cipher text is not opened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sw::device {

std::string Conceal(std::string_view plain);
std::optional<std::string> Reveal(std::string_view text);

}  // namespace sw::device
