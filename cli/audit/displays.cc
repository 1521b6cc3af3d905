#include "cli/audit/displays.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/session/line_reader.h"

namespace sw::cli {
namespace {

struct FindingView {
  const Audit& audit;
  const AuditFinding& finding;
};

std::string WhereText(const FindingView& v) {
  if (!v.finding.place) return v.audit.name + ": ";
  return fmt::format("{}:{}:{}: ", v.audit.name, v.finding.place->line, v.finding.place->begin);
}
// The line as it stands, and below it a mark under the words.
std::string LineText(const FindingView& v) {
  return v.finding.place ? Escaped(v.finding.place->text) : std::string();
}
std::string MarkText(const FindingView& v) {
  if (!v.finding.place) return {};
  const Place& place = *v.finding.place;
  const std::string_view text = place.text;
  const std::size_t before = Escaped(text.substr(0, place.begin - 1)).size();
  const std::size_t marked = Escaped(text.substr(place.begin - 1, place.end - place.begin)).size();
  return std::string(before, ' ') + "^" + std::string(std::max<std::size_t>(marked, 1) - 1, '~');
}
std::vector<std::string> Cwes(const Rule& rule) {
  std::vector<std::string> out;
  for (const int cwe : rule.cwe)
    if (cwe != 0) out.push_back(fmt::format("CWE-{}", cwe));
  return out;
}

constexpr auto kCitation = Fields<Citation>({
    {"document", "Its name", [](auto& v) { return v.document->name; }},
    {"section", "Or empty", [](auto& v) { return v.section; }},
    {"keyword", "As its text says; empty: the text was not read", [](auto& v) { return v.keyword; }},
    {"seen", "How much of it was read", [](auto& v) { return SeenText(v.seen); }},
    {"url", "Where it is", [](auto& v) { return v.document->url; }},
    {"citation", "All of it in one line", [](auto& v) { return CitationText(v); }},
});

constexpr auto kFinding = Fields<FindingView>({
    {"rule", "Its name", [](auto& v) { return v.finding.rule->id; }},
    {"area", "Of the rule", [](auto& v) { return v.finding.rule->area; }},
    {"severity", "note, warning or error", [](auto& v) { return SeverityName(v.finding.severity); }},
    {"state", "Against the baseline: new or unchanged; empty: there is none",
     [](auto& v) { return BaselineName(v.finding.state); }},
    {"object", "As commands name it", [](auto& v) { return v.finding.hit.object; }},
    {"title", "What the rule is about", [](auto& v) { return v.finding.rule->what; }},
    {"what", "Of this place, in words", [](auto& v) { return v.finding.hit.what; }},
    {"why", "What follows from it", [](auto& v) { return v.finding.rule->why; }},
    {"default", "No line says it: it is the default of the object", [](auto& v) { return v.finding.is_default; }},
    {"line", "From 1; 0: none", [](auto& v) { return v.finding.place ? v.finding.place->line : 0; }},
    {"column", "From 1; 0: none", [](auto& v) { return v.finding.place ? v.finding.place->begin : 0U; }},
    {"end_column", "Behind the last character; 0: none",
     [](auto& v) { return v.finding.place ? v.finding.place->end : 0U; }},
    {"where", "The same, in front of a message", [](auto& v) { return WhereText(v); }},
    {"text", "The line, secrets masked", [](auto& v) { return LineText(v); }},
    {"mark", "Below the words", [](auto& v) { return MarkText(v); }},
    {"users",
     "Who uses it",
     [](auto& v) { return v.finding.hit.users; },
     {{},
      0,
      [](const Value& value) {
        return fmt::format("{}", fmt::join(std::get<std::vector<std::string>>(value.held), ", "));
      }}},
    {"unused", "Nobody does", [](auto& v) { return v.finding.hit.unused; }},
    {"cwe", "Numbers of the Common Weakness Enumeration", [](auto& v) { return Cwes(*v.finding.rule); }},
    {"documents", "What they say of it", [](auto& v) { return List<kCitation>(v.finding.rule->documents); }},
    {"mend", "Lines from system view on that mend it", [](auto& v) { return v.finding.hit.mend; }},
    {"remedy", "What mends it where lines do not, or what they need", [](auto& v) { return v.finding.hit.remedy; }},
    {"both_ends", "The other end must change in the same window", [](auto& v) { return v.finding.hit.both_ends; }},
    {"fingerprint", "The same when lines move", [](auto& v) { return v.finding.fingerprint; }},
});
ListOf<kFinding> Findings(const Audit& audit) {
  std::vector<FindingView> out;
  for (const AuditFinding& finding : audit.findings) out.push_back({audit, finding});
  return List<kFinding>(out);
}

constexpr auto kRefusal = Fields<LineReport>({
    {"line", "From 1", [](auto& v) { return v.number; }},
    {"text", "As read, secrets masked", [](auto& v) { return v.text; }},
    {"reason", "Why it was not taken", [](auto& v) { return v.reason; }},
});

std::string WhoText(const PeerUse& v) {
  return v.peer.empty() ? v.address : fmt::format("{} ({})", v.peer, v.address);
}
std::string WhenText(const PeerUse& v) {
  if (!v.used) return v.live ? "not used yet" : "never used";
  return fmt::format("{}used last {} ({} s ago)", v.live ? "" : "gone, ", v.last, v.idle);
}
constexpr auto kUse = Fields<PeerUse>({
    {"peer", "Its name, or empty", [](auto& v) { return v.peer; }},
    {"address", "Of the peer; private, in DVPN", [](auto& v) { return v.address; }},
    {"who", "Both", [](auto& v) { return WhoText(v); }},
    {"what", "IKE, IPsec, DVPN registration, session or data", [](auto& v) { return v.what; }},
    {"weak",
     "What it uses, in words",
     [](auto& v) { return std::vector<std::string>(v.weak.begin(), v.weak.end()); },
     {{},
      0,
      [](const Value& value) {
        return fmt::format("{}", fmt::join(std::get<std::vector<std::string>>(value.held), ", "));
      }}},
    {"rules", "That are about it", [](auto& v) { return std::vector<std::string>(v.rules.begin(), v.rules.end()); }},
    {"live", "An SA, map or session with it is there", [](auto& v) { return v.live; }},
    {"used", "It was used since the device started", [](auto& v) { return v.used; }},
    {"last", "When, by the device's clock, to the minute; or empty", [](auto& v) { return v.last; }},
    {"idle_seconds", "Since then", [](auto& v) { return v.used ? v.idle : 0; }},
    {"when", "The last four in words", [](auto& v) { return WhenText(v); }},
});

constexpr auto kAudit = Fields<Audit>({
    {"name", "Of the file, or the sysname", [](auto& v) { return v.name; }},
    {"profile", "Whose yardstick counts: rfc, nist or bsi",
     [](auto& v) { return kProfileNames[static_cast<std::size_t>(v.profile)]; }},
    {"errors", "Findings", [](auto& v) { return v.Count(Severity::kError); }},
    {"warnings", "Findings", [](auto& v) { return v.Count(Severity::kWarning); }},
    {"notes", "Findings", [](auto& v) { return v.Count(Severity::kNote); }},
    {"ok", "No line refused, no error or warning beyond the baseline", [](auto& v) { return v.ok(); }},
    {"findings", "By line, those without one last", [](auto& v) { return Findings(v); }},
    {"refused", "Lines that were not taken, and so not judged", [](auto& v) { return List<kRefusal>(v.refused); }},
    {"in_use", "Who still uses what is weak; of a running device", [](auto& v) { return List<kUse>(v.in_use); }},
    {"gone", "Fingerprints of the baseline that are found no more", [](auto& v) { return v.gone; }},
});

}  // namespace

constexpr DisplayOf<Audit> kAuditDisplay(
    kAudit,
    "{*findings}{where}{severity}: {title}: {object}{?default} (its default){/}: {what} [{rule}]{?state} ({state}){/}\n"
    "{?text}  {text}\n  {mark}\n{/}"
    "  why: {why}\n"
    "{?users}  used by: {users}\n{/}{?unused}  nobody uses it\n{/}"
    "{*documents}  {citation}\n{/}"
    "{?cwe}  {cwe}\n{/}"
    "{?mend}  mend:\n{*mend}    {.}\n{/}{/}"
    "{?remedy}  remedy: {remedy}\n{/}"
    "{?both_ends}  the other end must change in the same window\n{/}"
    "{/}"
    "{*in_use}in use: {who}: {what}: {weak}: {when}\n{/}"
    "{*gone}gone since the baseline: {.}\n{/}"
    "{*refused}{name}:{line}: not judged: {reason}\n{/}"
    "{name}: {errors} error(s), {warnings} warning(s), {notes} note(s) by profile {profile}\n");

}  // namespace sw::cli
