// Secrets out of a line before anybody else reads it: a report, the journal, the log, the history file.
//
// What is a secret is declared: by the column that the word is stored in, when the line is understood; by the word in
// front of it when it is not, because the lines of other devices, and mistyped ones, hold secrets as well.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"

namespace sw::cli {

// The secret words of an understood line; in the order they stand.
struct Span {
  std::size_t begin = 0, end = 0;
};
std::vector<Span> SecretsOf(std::string_view line, const Match& match);
// And of any other.
std::vector<Span> SecretsOf(std::string_view line);

std::string Starred(std::string_view line, const std::vector<Span>& secrets);  // as many *: columns stay right
// `mask` in their place: not even their length is told. Three *: what the journal has.
std::string Removed(std::string_view line, const std::vector<Span>& secrets, std::string_view mask = "***");

// Of any line, starred; a line without secrets comes back as it is.
std::string MaskSecrets(std::string_view line);

}  // namespace sw::cli
