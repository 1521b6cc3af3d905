// The baseline of an audit: what was found before, and is known.
#include <nlohmann/json.hpp>
#include <set>

#include "cli/audit/audit.h"

namespace sw::cli {

Status ApplyBaseline(std::string_view baseline, Audit& audit) {
  const Status none = {Code::kBadValue, "a baseline is the JSON report of an earlier audit"};
  const nlohmann::json before = nlohmann::json::parse(baseline, nullptr, false);
  if (before.is_discarded() || !before.is_object() || !before.contains("findings")) return none;
  if (!before["findings"].is_array()) return none;
  std::multiset<std::string> known;
  for (const nlohmann::json& finding : before["findings"]) {
    if (!finding.is_object() || !finding.contains("fingerprint") || !finding["fingerprint"].is_string()) return none;
    known.insert(finding["fingerprint"].get<std::string>());
  }
  for (AuditFinding& finding : audit.findings) {
    const auto found = known.find(finding.fingerprint);
    finding.state = found == known.end() ? BaselineState::kNew : BaselineState::kUnchanged;
    if (found != known.end()) known.erase(found);
  }
  audit.gone.assign(known.begin(), known.end());
  return {};
}

}  // namespace sw::cli
