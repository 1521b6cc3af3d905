#include "cli/session/help_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {

std::string RefusalText(const Refusal& refusal, std::size_t indent) {
  return fmt::format("{}^\n % {}\n", std::string(indent + refusal.column, ' '), Message(refusal.error));
}

std::string HelpText(const HelpResult& help, View view, std::string_view text, std::size_t indent) {
  if (help.lines.empty()) return RefusalText(help.refusal, indent);
  std::string out;
  if (text.find_first_not_of(' ') == std::string_view::npos) out = fmt::format("{} view commands:\n", Heading(view));
  std::size_t width = 0;
  for (const HelpLine& line : help.lines) width = std::max(width, line.word.size());
  for (const HelpLine& line : help.lines) {
    out += line.phrase.empty() ? fmt::format("  {}\n", line.word)
                               : fmt::format("  {:<{}}  {}\n", line.word, width, line.phrase);
  }
  return out;
}

}  // namespace sw::cli
