// What a session says of a line that is not finished, or wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"

namespace sw::cli {

// A mark below the word that is wrong, and why. `indent`: columns in front of the line, which are the prompt's.
std::string RefusalText(const Refusal& refusal, std::size_t indent);
// What `?` shows behind `text`.
std::string HelpText(const HelpResult& help, View view, std::string_view text, std::size_t indent);

}  // namespace sw::cli
