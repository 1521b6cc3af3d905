#include "cli/replay/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "cli/session/line_reader.h"

namespace sw::cli {
namespace {

std::string_view Name(Outcome outcome) {
  constexpr std::string_view kNames[] = {"accepted", "changed", "unchanged", "refused", "skipped"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view Ending(const ReplayReport& report) {
  if (report.rolled_back) return "; nothing of it stands";
  if (report.changed == 0 && report.unchanged != 0 && report.refused == 0) return "; nothing is different";
  return report.stopped ? "; stopped there" : "";
}

// One line that says where and what, then the script's line with the caret under the place.
std::string Remark(const ReplayReport& report, int number, int column, std::string_view what, std::string_view text) {
  const std::string where = number == 0 ? "" : fmt::format(":{}", number);
  std::string out =
      fmt::format("{}{}{}: {}\n", report.name, where, column < 0 ? "" : fmt::format(":{}", column + 1), what);
  if (number == 0) return out;
  out += fmt::format("  {}\n", Escaped(text));
  const std::size_t before = column < 0 ? 0 : Escaped(text.substr(0, static_cast<std::size_t>(column))).size();
  if (column >= 0) out += fmt::format("  {}^\n", std::string(before, ' '));
  return out;
}

// Lines that were skipped for one reason, as one remark.
std::string Skipped(const ReplayReport& report, std::span<const LineReport> lines) {
  const std::string to = lines.size() == 1 ? "" : fmt::format("-{}", lines.back().number);
  return fmt::format("{}:{}{}: {} ({} line(s))\n", report.name, lines.front().number, to, lines.front().reason,
                     lines.size());
}

std::string Text(const ReplayReport& report) {
  std::string out;
  for (std::size_t at = 0; at < report.lines.size(); ++at) {
    const LineReport& line = report.lines[at];
    if (line.outcome == Outcome::kRefused) out += Remark(report, line.number, line.column, line.reason, line.text);
    if (line.outcome != Outcome::kSkipped) continue;
    const std::size_t first = at;
    while (at + 1 < report.lines.size() && report.lines[at + 1].reason == line.reason) ++at;
    out += Skipped(report, std::span(report.lines).subspan(first, at + 1 - first));
  }
  for (const FindingReport& finding : report.findings) {
    const std::string what = (finding.note ? "note: " : "") + finding.reason;
    out += Remark(report, finding.number, finding.column, what, finding.text);
  }
  const std::string skipped = report.skipped == 0 ? "" : fmt::format(", {} skipped", report.skipped);
  const std::string found = report.findings.empty() ? "" : fmt::format(", {} found wanting", report.findings.size());
  return out + fmt::format("{}: {} line(s): {} changed, {} unchanged, {} accepted, {} refused{}{}{}\n", report.name,
                           report.lines.size(), report.changed, report.unchanged, report.accepted, report.refused,
                           skipped, found, Ending(report));
}

std::string Json(const ReplayReport& report) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const LineReport& line : report.lines) {
    nlohmann::ordered_json entry = {{"line", line.number}, {"text", line.text}, {"outcome", Name(line.outcome)}};
    if (line.outcome == Outcome::kRefused) {
      if (line.column >= 0) entry["column"] = line.column + 1;
      entry["reason"] = line.reason;
    }
    if (line.outcome == Outcome::kSkipped) entry["reason"] = line.reason;
    lines.push_back(std::move(entry));
  }
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const FindingReport& finding : report.findings) {
    nlohmann::ordered_json entry = {{"line", finding.number}, {"severity", finding.note ? "note" : "error"}};
    if (finding.column >= 0) entry["column"] = finding.column + 1;
    entry["text"] = finding.text;
    entry["reason"] = finding.reason;
    findings.push_back(std::move(entry));
  }
  const nlohmann::ordered_json all = {
      {"script", report.name},       {"changed", report.changed},         {"unchanged", report.unchanged},
      {"accepted", report.accepted}, {"refused", report.refused},         {"skipped", report.skipped},
      {"stopped", report.stopped},   {"rolled_back", report.rolled_back}, {"lines", lines},
      {"findings", findings},
  };
  // Scripts may hold bytes that are no UTF-8; those are replaced rather than thrown at.
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string Junit(const ReplayReport& report) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" "
      "skipped=\"{}\">\n",
      XmlText(report.name), report.lines.size() + report.findings.size(), report.errors(), report.skipped);
  for (const LineReport& line : report.lines) {
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}: {}\"", XmlText(report.name), line.number,
                       XmlText(line.text));
    if (line.outcome == Outcome::kSkipped) {
      out += fmt::format(">\n    <skipped message=\"{}\"/>\n  </testcase>\n", XmlText(line.reason));
      continue;
    }
    if (line.outcome != Outcome::kRefused) {
      out += "/>\n";
      continue;
    }
    const std::string column = line.column < 0 ? "" : fmt::format("column {}: ", line.column + 1);
    out += fmt::format(">\n    <failure message=\"{}{}\"/>\n  </testcase>\n", column, XmlText(line.reason));
  }
  for (const FindingReport& finding : report.findings) {
    const std::string column = finding.column < 0 ? "" : fmt::format("column {}: ", finding.column + 1);
    const std::string said = finding.note
                                 ? fmt::format("<system-out>{}{}</system-out>", column, XmlText(finding.reason))
                                 : fmt::format("<failure message=\"{}{}\"/>", column, XmlText(finding.reason));
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}: {} (finding)\">\n    {}\n  </testcase>\n",
                       XmlText(report.name), finding.number, XmlText(finding.text), said);
  }
  return out + "</testsuite>\n";
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML has no way to write most control characters, and a report must stay readable whatever the script is.
        out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e ? '?' : c;
    }
  }
  return out;
}

std::optional<ReportFormat> ParseReportFormat(std::string_view name) {
  if (name == "text") return ReportFormat::kText;
  if (name == "json") return ReportFormat::kJson;
  if (name == "junit") return ReportFormat::kJunit;
  if (name == "sarif") return ReportFormat::kSarif;
  return std::nullopt;
}

std::optional<OnError> ParseOnError(std::string_view name) {
  if (name == "stop") return OnError::kStop;
  if (name == "continue") return OnError::kContinue;
  if (name == "rollback") return OnError::kRollback;
  return std::nullopt;
}

std::string ReportText(const ReplayReport& report, ReportFormat format) {
  switch (format) {
    case ReportFormat::kText:
      return Text(report);
    case ReportFormat::kJson:
      return Json(report);
    case ReportFormat::kJunit:
      return Junit(report);
    case ReportFormat::kSarif:
      break;
  }
  return {};
}

}  // namespace sw::cli
