#include "cli/audit/documents.h"

#include <fmt/format.h>

namespace sw::cli {

std::string_view SeenText(Seen seen) {
  constexpr std::string_view kTexts[] = {"read", "draft read", "quoted elsewhere", "not read: our judgement"};
  return kTexts[static_cast<std::size_t>(seen)];
}

std::string CitationText(const Citation& citation) {
  const std::string section = citation.section.empty() ? "" : fmt::format(" section {}", citation.section);
  const std::string keyword = citation.keyword.empty() ? "" : fmt::format(": {}", citation.keyword);
  return fmt::format("{}{}{} [{}]", citation.document->name, section, keyword, SeenText(citation.seen));
}

}  // namespace sw::cli
