#include "cli/session/unasked.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/grammar/line.h"
#include "cli/grammar/text.h"
#include "cli/session/line_reader.h"

namespace sw::cli {
namespace {

struct Dialogue {
  std::array<std::string_view, 3> words;  // it begins with these; empty: fewer
  int passwords;
};
// Command references of Comware V3 and V5.
constexpr Dialogue kDialogues[] = {
    {{"super"}, 1},
    {{"super", "password"}, 2},
    {{"lock"}, 2},
    {{"password"}, 2},
    {{"set", "authentication", "password"}, 2},
};
// They may stand behind that, with a number or without; anything else is the password itself.
constexpr std::string_view kForms[] = {"level", "simple", "cipher", "hash"};
constexpr std::size_t kShortest = 2;  // letters of an abbreviation: fewer are other words as well

bool IsNumber(std::string_view word) {
  return word.find_first_not_of("0123456789") == std::string_view::npos;
}

bool Fits(const Dialogue& dialogue, const Tokens& tokens) {
  std::size_t at = 0;
  for (const std::string_view word : dialogue.words) {
    if (word.empty()) break;
    if (at == tokens.size() || tokens[at].text.size() < kShortest || !HasPrefix(word, tokens[at].text)) return false;
    ++at;
  }
  return std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.end(), [](const Token& token) {
    return IsNumber(token.text) || std::ranges::any_of(kForms, [&](auto word) { return SameWord(word, token.text); });
  });
}

}  // namespace

int PasswordsBehind(std::string_view line) {
  const Tokens tokens = Tokenise(line);
  if (tokens.empty()) return 0;
  const auto* const found =
      std::ranges::find_if(kDialogues, [&](const Dialogue& dialogue) { return Fits(dialogue, tokens); });
  return found == std::end(kDialogues) ? 0 : found->passwords;
}

void UnaskedPasswords::Behind(std::string_view line) {
  left_ = PasswordsBehind(line);
  if (left_ == 0) return;
  line.remove_prefix(line.find_first_not_of(' '));
  head_ = Escaped(TrimEnd(line));
}

std::optional<std::string> UnaskedPasswords::Skip(View view, std::string_view line) {
  if (left_ == 0) return std::nullopt;
  const int left = std::exchange(left_, 0);
  const Tokens tokens = Tokenise(line);
  if (tokens.size() != 1 || tokens.front().text.starts_with('#')) return std::nullopt;
  if (grammar_.Parse(view, kManage, line).match) return std::nullopt;
  left_ = left - 1;
  return fmt::format("Skipped: a password may follow \"{}\"", head_);
}

}  // namespace sw::cli
