#include "cli/audit/reports.h"

#include <fmt/format.h>

#include "cli/audit/displays.h"
#include "cli/display/json.h"

namespace sw::cli {
namespace {

Record RecordOf(const Audit& audit) {
  return MakeRecord(kAuditDisplay.fields, &audit);
}

}  // namespace

std::string AuditText(const Audit& audit, const ReplayReport& check) {
  return ReportText(check, ReportFormat::kText) + LayoutText(RecordOf(audit), kAuditDisplay.layout, kManage);
}

std::string AuditJson(const Audit& audit) {
  return JsonText(RecordOf(audit), kManage);
}

// A case for each rule and place; a rule without findings is a case that passed.
std::string AuditJunit(const Audit& audit) {
  std::string cases;
  std::size_t count = 0, failures = 0;
  const auto add = [&](std::string_view rule, std::string_view name, const std::string& said) {
    ++count;
    const std::string head = fmt::format("  <testcase classname=\"{}\" name=\"{}\"", XmlText(rule), XmlText(name));
    cases += said.empty() ? head + "/>\n" : fmt::format("{}>\n    {}\n  </testcase>\n", head, said);
  };
  for (const LineReport& line : audit.refused) {
    ++failures;
    add("not-judged", fmt::format("{}:{}", audit.name, line.number),
        fmt::format("<failure message=\"{}\"/>", XmlText(line.reason)));
  }
  for (const Rule* rule : AllRules()) {
    bool found = false;
    for (const AuditFinding& finding : audit.findings) {
      if (finding.rule != rule) continue;
      found = true;
      const bool fails = finding.severity >= Severity::kWarning && finding.state != BaselineState::kUnchanged;
      failures += fails ? 1 : 0;
      const std::string where = finding.place ? fmt::format(":{}:{}", finding.place->line, finding.place->begin) : "";
      const std::string text = XmlText(fmt::format("{}: {}", SeverityName(finding.severity), finding.hit.what));
      add(rule->id, fmt::format("{}{}: {}", audit.name, where, finding.hit.object),
          fails ? fmt::format("<failure message=\"{}\"/>", text) : fmt::format("<system-out>{}</system-out>", text));
    }
    if (!found) add(rule->id, rule->what, "");
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n{}"
      "</testsuite>\n",
      XmlText(audit.name), count, failures, cases);
}

std::string AuditReport(const Audit& audit, const ReplayReport& check, ReportFormat format) {
  switch (format) {
    case ReportFormat::kText:
      return AuditText(audit, check);
    case ReportFormat::kJson:
      return AuditJson(audit);
    case ReportFormat::kJunit:
      return AuditJunit(audit);
    case ReportFormat::kSarif:
      return AuditSarif(audit);
  }
  return {};
}

}  // namespace sw::cli
