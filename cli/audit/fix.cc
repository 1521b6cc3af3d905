// What mends a finding in its file.
#include "cli/audit/reports.h"

namespace sw::cli {

// The lines are those of one view, the object's own: they replace the command, or follow the one that enters the view.
std::optional<TextFix> FixOf(const AuditFinding& finding) {
  const std::vector<std::string>& mend = finding.hit.mend;
  if (!finding.place || mend.empty()) return std::nullopt;
  const bool in_view = mend.size() > 1;
  if (in_view && mend.front() != finding.hit.object) return std::nullopt;
  if (!in_view && finding.is_default) return std::nullopt;
  std::string text;
  for (std::size_t at = in_view ? 1 : 0; at < mend.size(); ++at) {
    const std::string& line = mend[at];
    if (line.find(kNewKey) != std::string::npos || (in_view && !line.starts_with(' '))) return std::nullopt;
    const bool first = text.empty() && !finding.is_default;
    text += first ? line.substr(in_view ? 1 : 0) : "\n" + line;
  }
  const Place& place = *finding.place;
  if (finding.is_default) return TextFix{place.line, place.command_end, place.command_end, std::move(text)};
  return TextFix{place.line, place.command_begin, place.command_end, std::move(text)};
}

}  // namespace sw::cli
