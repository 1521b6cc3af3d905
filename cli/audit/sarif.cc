// SARIF 2.1.0 of an audit. Where the schema is silent: `kind` is fail, so that `level` may be something else than none
// (section 3.27.10); `columnKind` is given because there are results (3.14.27); a zero-length region inserts (3.57.4).
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/audit/reports.h"
#include "version.h"

namespace sw::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr std::string_view kTaxonomy = "CWE";

// Braces inside of braces mean one thing to GCC and another to clang; this means one thing.
Json Object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json out = Json::object();
  for (const auto& [name, value] : members) out[std::string(name)] = value;
  return out;
}
Json Text(std::string_view text) {
  return Object({{"text", std::string(text)}});
}

Json CweReference(int cwe) {
  const Json component = Object({{"name", std::string(kTaxonomy)}, {"index", 0}});
  return Object({{"id", std::to_string(cwe)}, {"toolComponent", component}});
}

// As GitHub sorts: above 9 critical, 7 to 8.9 high, 4 to 6.9 medium, below low.
std::string SecuritySeverity(Severity severity) {
  return severity == Severity::kError ? "8.5" : severity == Severity::kWarning ? "5.5" : "2.0";
}

std::string HelpText(const Rule& rule) {
  std::string out(rule.why);
  for (const Citation& citation : rule.documents) out += "\n" + CitationText(citation);
  return out;
}

// cipher-des: CipherDes
std::string NameOf(std::string_view id) {
  std::string out;
  bool starts = true;
  for (const char c : id) {
    if (c != '-') out += starts && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    starts = c == '-';
  }
  return out;
}

Json RuleJson(const Rule& rule, Profile profile) {
  const Severity severity = rule.severity[static_cast<std::size_t>(profile)];
  Json tags = Json::array(), relationships = Json::array(), configuration = Json::object();
  tags.push_back("security");
  tags.push_back(std::string(rule.area));
  for (const int cwe : rule.cwe) {
    if (cwe == 0) continue;
    tags.push_back(fmt::format("external/cwe/cwe-{}", cwe));
    Json kinds = Json::array();
    kinds.push_back("superset");
    relationships.push_back(Object({{"target", CweReference(cwe)}, {"kinds", kinds}}));
  }
  configuration["enabled"] = severity != Severity::kNone;
  if (severity != Severity::kNone) configuration["level"] = std::string(SeverityName(severity));
  Json out = Object({{"id", std::string(rule.id)},
                     {"name", NameOf(rule.id)},
                     {"shortDescription", Text(rule.what)},
                     {"fullDescription", Text(rule.why)},
                     {"help", Text(HelpText(rule))},
                     {"defaultConfiguration", configuration}});
  if (!rule.documents.empty()) out["helpUri"] = std::string(rule.documents.front().document->url);
  if (!relationships.empty()) out["relationships"] = relationships;
  out["properties"] =
      Object({{"tags", tags}, {"precision", "very-high"}, {"security-severity", SecuritySeverity(severity)}});
  return out;
}

// The length of the UTF-8 sequence that `text` starts with; 1 for a byte that starts none.
std::size_t SequenceLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  if (length > text.size()) return 1;
  for (std::size_t at = 1; at < length; ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) return 1;
  return length;
}

// A column in bytes as one in code points, both from 1.
std::size_t Column(const Place& place, std::size_t byte) {
  std::size_t out = 1;
  for (std::string_view before = std::string_view(place.text).substr(0, byte - 1); !before.empty(); ++out)
    before.remove_prefix(SequenceLength(before));
  return out;
}

// A path as a URI reference.
std::string UriOf(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain || std::string_view("/-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Json Artifact(const Audit& audit) {
  return Object({{"uri", UriOf(audit.name)}, {"index", 0}});
}

Json Region(const Place& place, std::size_t begin, std::size_t end) {
  return Object({{"startLine", place.line},
                 {"startColumn", Column(place, begin)},
                 {"endLine", place.line},
                 {"endColumn", Column(place, end)}});
}

Json Location(const Audit& audit, const Json& region) {
  Json physical = Object({{"artifactLocation", Artifact(audit)}});
  if (!region.empty()) physical["region"] = region;
  return Object({{"physicalLocation", physical}});
}

Json One(const Json& value) {
  Json out = Json::array();
  out.push_back(value);
  return out;
}

Json FixJson(const Audit& audit, const AuditFinding& finding, const TextFix& fix) {
  const Json replacement =
      Object({{"deletedRegion", Region(*finding.place, fix.begin, fix.end)}, {"insertedContent", Text(fix.text)}});
  const Json change = Object({{"artifactLocation", Artifact(audit)}, {"replacements", One(replacement)}});
  return Object({{"description", Text("Mends: " + std::string(finding.rule->what))}, {"artifactChanges", One(change)}});
}

std::string Message(const AuditFinding& finding) {
  const Hit& hit = finding.hit;
  std::string out = fmt::format("{}: {}{}: {}.", finding.rule->what, hit.object,
                                finding.is_default ? " (its default)" : "", hit.what);
  if (!hit.users.empty()) out += fmt::format(" Used by {}.", fmt::join(hit.users, ", "));
  if (!hit.remedy.empty()) out += fmt::format(" Remedy: {}.", hit.remedy);
  if (hit.both_ends) out += " The other end must change in the same window.";
  return out;
}

Json ResultJson(const Audit& audit, const AuditFinding& finding, std::size_t rule) {
  Json region = Json::object();
  if (finding.place) {
    const Place& place = *finding.place;
    region = Region(place, place.begin, place.end);
    region["snippet"] = Text(std::string_view(place.text).substr(place.begin - 1, place.end - place.begin));
  }
  Json out = Object({{"ruleId", std::string(finding.rule->id)},
                     {"ruleIndex", rule},
                     {"kind", "fail"},
                     {"level", std::string(SeverityName(finding.severity))},
                     {"message", Text(Message(finding))},
                     {"locations", One(Location(audit, region))},
                     {"partialFingerprints", Object({{"sw8800/v1", finding.fingerprint}})}});
  if (finding.state != BaselineState::kNone) out["baselineState"] = std::string(BaselineName(finding.state));
  if (const std::optional<TextFix> fix = FixOf(finding)) out["fixes"] = One(FixJson(audit, finding, *fix));
  Json taxa = Json::array();
  for (const int cwe : finding.rule->cwe)
    if (cwe != 0) taxa.push_back(CweReference(cwe));
  if (!taxa.empty()) out["taxa"] = taxa;
  out["properties"] = Object({{"default", finding.is_default},
                              {"bothEnds", finding.hit.both_ends},
                              {"users", finding.hit.users},
                              {"mend", finding.hit.mend}});
  return out;
}

Json TaxonomyJson(const std::vector<const Rule*>& rules) {
  std::set<int> used;
  for (const Rule* rule : rules)
    for (const int cwe : rule->cwe)
      if (cwe != 0) used.insert(cwe);
  Json taxa = Json::array();
  for (const int cwe : used)
    taxa.push_back(Object({{"id", std::to_string(cwe)}, {"name", std::string(CweTitle(cwe))}}));
  return Object({{"name", std::string(kTaxonomy)},
                 {"organization", "MITRE"},
                 {"shortDescription", Text("Common Weakness Enumeration")},
                 {"taxa", taxa}});
}

// Lines that were not taken are no finding of a rule, but whoever reads the report must know of them.
Json InvocationJson(const Audit& audit) {
  Json notes = Json::array();
  for (const LineReport& line : audit.refused) {
    const Json where = Location(audit, Object({{"startLine", line.number}}));
    notes.push_back(
        Object({{"level", "error"}, {"message", Text("Not judged: " + line.reason)}, {"locations", One(where)}}));
  }
  Json out = Object({{"executionSuccessful", true}});
  if (!notes.empty()) out["toolExecutionNotifications"] = notes;
  return out;
}

}  // namespace

std::string AuditSarif(const Audit& audit) {
  const std::vector<const Rule*> rules = AllRules();
  Json rows = Json::array(), results = Json::array();
  for (const Rule* rule : rules) rows.push_back(RuleJson(*rule, audit.profile));
  for (const AuditFinding& finding : audit.findings) {
    const auto rule = std::ranges::find(rules, finding.rule) - rules.begin();
    results.push_back(ResultJson(audit, finding, static_cast<std::size_t>(rule)));
  }
  const std::string profile(kProfileNames[static_cast<std::size_t>(audit.profile)]);
  const Json driver = Object({{"name", "sw8800"}, {"version", kVersion}, {"rules", rows}});
  const Json run = Object({{"tool", Object({{"driver", driver}})},
                           {"taxonomies", One(TaxonomyJson(rules))},
                           {"columnKind", "unicodeCodePoints"},
                           {"automationDetails", Object({{"id", "sw8800-audit/" + profile + "/"}})},
                           {"invocations", One(InvocationJson(audit))},
                           {"artifacts", One(Object({{"location", Object({{"uri", UriOf(audit.name)}})}}))},
                           {"results", results}});
  const Json log = Object({{"$schema", std::string(kSchema)}, {"version", "2.1.0"}, {"runs", One(run)}});
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sw::cli
