// An audit as a report: for people, programs, build servers and code scanning.
//
// SARIF 2.1.0 (OASIS): columns count code points from 1, `endColumn` is behind the last character; bytes that are no
// UTF-8 become U+FFFD each, and count as one. A finding about a default points to the line that makes its object, and
// its fix inserts behind that. Lines that need a key of somebody's own are no fix.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/audit/audit.h"
#include "cli/replay/report.h"

namespace sw::cli {

// `check`: what the check of the same script says; in text it comes first.
std::string AuditText(const Audit& audit, const ReplayReport& check);
std::string AuditJson(const Audit& audit);
std::string AuditJunit(const Audit& audit);
std::string AuditSarif(const Audit& audit);

std::string AuditReport(const Audit& audit, const ReplayReport& check, ReportFormat format);

// One way to mend a finding in the file: what takes the place of the columns [begin, end) of a line.
struct TextFix {
  int line = 0;
  std::size_t begin = 0, end = 0;  // bytes, from 1
  std::string text;                // may hold line ends
};
std::optional<TextFix> FixOf(const AuditFinding& finding);

}  // namespace sw::cli
