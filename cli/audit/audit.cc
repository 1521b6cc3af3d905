#include "cli/audit/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace sw::cli {
namespace {

AuditFinding FindingOf(const Rule& rule, Hit hit, Severity severity, const Sources& sources) {
  AuditFinding out{.rule = &rule, .severity = severity};
  const Place* place = sources.Find(hit.table, hit.key, hit.column);
  out.is_default = place == nullptr;
  if (place == nullptr) place = sources.Heading(hit.table, hit.key);
  if (place != nullptr) out.place = *place;
  out.fingerprint = fmt::format("{}:{}:{}", rule.id, hit.object, hit.column);
  out.hit = std::move(hit);
  return out;
}

std::vector<AuditFinding> Find(const AuditInput& input, const Sources& sources) {
  std::vector<AuditFinding> out;
  for (const Rule* rule : AllRules()) {
    std::vector<Hit> hits;
    if (rule->severity[static_cast<std::size_t>(input.profile)] != Severity::kNone) rule->find(input, hits);
    for (Hit& hit : hits) {
      const Severity severity = SeverityOf(*rule, input.profile, hit);
      out.push_back(FindingOf(*rule, std::move(hit), severity, sources));
    }
  }
  const auto line = [](const AuditFinding& finding) {
    return finding.place ? finding.place->line : std::numeric_limits<int>::max();
  };
  std::ranges::stable_sort(out, {}, line);
  return out;
}

}  // namespace

std::string_view BaselineName(BaselineState state) {
  constexpr std::string_view kNames[] = {"", "new", "unchanged"};
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<Profile> ParseProfile(std::string_view name) {
  const auto* const found = std::ranges::find(kProfileNames, name);
  if (found == kProfileNames.end()) return std::nullopt;
  return static_cast<Profile>(found - kProfileNames.begin());
}

std::size_t Audit::Count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &AuditFinding::severity));
}

bool Audit::ok() const {
  return refused.empty() && std::ranges::none_of(findings, [](const AuditFinding& finding) {
           return finding.severity >= Severity::kWarning && finding.state != BaselineState::kUnchanged;
         });
}

Result<Audit> AuditScript(const Grammar& grammar, const hal::Capabilities& crypto, const std::string& name,
                          std::string_view script, Profile profile, ReplayReport* script_report) {
  Audit out{.name = name, .profile = profile};
  Result<ReplayReport> report = CheckScript(grammar, crypto, name, script, [&](const CheckedScript& checked) {
    out.findings = Find({checked.config, checked.store, profile}, Sources::Of(grammar, checked));
  });
  if (!report.ok()) return report.status();
  for (const LineReport& line : report->lines)
    if (line.outcome == Outcome::kRefused || line.outcome == Outcome::kSkipped) out.refused.push_back(line);
  if (script_report != nullptr) *script_report = std::move(*report);
  return out;
}

Result<Audit> AuditRows(const Grammar& grammar, const configdb::Store& store, const device::Config& config,
                        Profile profile) {
  const Result<Sources> sources = Sources::Of(grammar, store);
  if (!sources.ok()) return sources.status();
  return Audit{.name = config.system.sysname, .profile = profile, .findings = Find({config, store, profile}, *sources)};
}

}  // namespace sw::cli
