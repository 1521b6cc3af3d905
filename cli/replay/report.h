// A replay's report for people, programs and build servers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/replay/replay.h"

namespace sw::cli {

enum class ReportFormat : std::uint8_t { kText, kJson, kJunit, kSarif };  // the last: of audits alone
std::optional<ReportFormat> ParseReportFormat(std::string_view name);     // text, json, junit, sarif
std::optional<OnError> ParseOnError(std::string_view name);               // stop, continue, rollback

// Text: a line per refusal and finding with the caret under it, then one line that adds up. JSON and JUnit: every line
// and every finding.
std::string ReportText(const ReplayReport& report, ReportFormat format);

std::string XmlText(std::string_view text);  // for attributes and elements; what XML cannot hold becomes ?

}  // namespace sw::cli
