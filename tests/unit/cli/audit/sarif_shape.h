// Why a SARIF log is not as the specification says, for as much of it as an audit writes. The schema of OASIS is not
// part of this tree (its licence is that of a standard, not of source); the constraints below are written from what it
// requires, with those of the prose that no schema can check: kind and level (3.27.10), columns and snippets (3.30.8),
// columnKind (3.14.27), indexes that lead somewhere.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sw::cli {

class SarifShape {
 public:
  using Json = nlohmann::ordered_json;
  // `lines`: of the file that the log is about, bytes that are no UTF-8 replaced by ? one by one.
  explicit SarifShape(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  std::string WhyNot(const Json& log) {
    why_.clear();
    Object(log, "log", "version runs", "$schema");
    if (!why_.empty()) return why_;
    if (log["version"] != "2.1.0") Fail("version");
    for (const Json& run : log["runs"]) Run(run);
    return why_;
  }

 private:
  void Fail(const std::string& why) {
    if (why_.empty()) why_ = why;
  }
  static std::vector<std::string> Words(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      if (end != 0) out.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }
  // Has all of `required`, and nothing but them and `optional`.
  bool Object(const Json& value, const std::string& at, std::string_view required, std::string_view optional) {
    if (!value.is_object()) return Fail(at + " is no object"), false;
    std::vector<std::string> known = Words(optional);
    for (const std::string& name : Words(required)) {
      if (!value.contains(name)) return Fail(at + " has no " + name), false;
      known.push_back(name);
    }
    for (const auto& [name, each] : value.items())
      if (std::find(known.begin(), known.end(), name) == known.end()) return Fail(at + " must not have " + name), false;
    return true;
  }
  bool Text(const Json& value, const std::string& at) {
    if (!Object(value, at, "text", "markdown")) return false;
    if (!value["text"].is_string() || value["text"] == "") Fail(at + ".text is empty");
    return true;
  }
  void OneOf(const Json& value, const std::string& at, std::string_view words) {
    const std::vector<std::string> allowed = Words(words);
    if (!value.is_string() || std::find(allowed.begin(), allowed.end(), value.get<std::string>()) == allowed.end())
      Fail(at + " is " + value.dump());
  }

  void Run(const Json& run) {
    if (!Object(run, "run", "tool results columnKind",
                "taxonomies automationDetails invocations artifacts originalUriBaseIds"))
      return;
    OneOf(run["columnKind"], "columnKind", "utf16CodeUnits unicodeCodePoints");
    Object(run["tool"], "tool", "driver", "");
    const Json& driver = run["tool"]["driver"];
    Object(driver, "driver", "name rules", "version semanticVersion informationUri");
    for (const Json& rule : driver["rules"]) Rule(rule, run["taxonomies"]);
    for (const Json& taxonomy : run["taxonomies"]) {
      Object(taxonomy, "taxonomy", "name taxa", "organization shortDescription");
      for (const Json& taxon : taxonomy["taxa"]) Object(taxon, "taxon", "id", "name");
    }
    for (const Json& artifact : run["artifacts"]) Object(artifact, "artifact", "location", "");
    Object(run["automationDetails"], "automationDetails", "id", "");
    for (const Json& invocation : run["invocations"])
      Object(invocation, "invocation", "executionSuccessful", "toolExecutionNotifications");
    for (const Json& result : run["results"]) Result(result, run);
  }

  void Rule(const Json& rule, const Json& taxonomies) {
    if (!Object(rule, "rule", "id shortDescription fullDescription help",
                "name helpUri defaultConfiguration relationships properties"))
      return;
    for (const char* name : {"shortDescription", "fullDescription", "help"}) Text(rule[name], name);
    if (rule.contains("helpUri") && rule["helpUri"].get<std::string>().rfind("https://", 0) != 0) Fail("helpUri");
    Object(rule["defaultConfiguration"], "defaultConfiguration", "", "enabled level rank");
    if (rule["defaultConfiguration"].contains("level"))
      OneOf(rule["defaultConfiguration"]["level"], "rule.level", "none note warning error");
    for (const Json& relation : rule.value("relationships", Json::array())) {
      Object(relation, "relationship", "target", "kinds");
      if (!relation["kinds"].is_array()) Fail("kinds is no array");
      Taxon(relation["target"], taxonomies);
    }
    if (rule["properties"]["tags"].size() > 20) Fail("too many tags");
  }
  void Taxon(const Json& reference, const Json& taxonomies) {
    if (!Object(reference, "reference", "id toolComponent", "index")) return;
    Object(reference["toolComponent"], "toolComponent", "", "name index guid");
    for (const Json& taxon : taxonomies.at(reference["toolComponent"]["index"].get<std::size_t>())["taxa"])
      if (taxon["id"] == reference["id"]) return;
    Fail("no taxon " + reference["id"].dump());
  }

  void Result(const Json& result, const Json& run) {
    if (!Object(result, "result", "message ruleId ruleIndex level kind locations partialFingerprints",
                "baselineState fixes taxa properties"))
      return;
    Text(result["message"], "message");
    OneOf(result["kind"], "kind", "notApplicable pass fail review open informational");
    OneOf(result["level"], "level", "none note warning error");
    if (result["kind"] != "fail" && result["level"] != "none") Fail("a level although the kind is not fail");
    if (result.contains("baselineState"))
      OneOf(result["baselineState"], "baselineState", "new unchanged updated absent");
    const Json& rules = run["tool"]["driver"]["rules"];
    const auto index = result["ruleIndex"].get<std::size_t>();
    if (index >= rules.size() || rules[index]["id"] != result["ruleId"]) Fail("ruleIndex leads elsewhere");
    for (const Json& taxon : result.value("taxa", Json::array())) Taxon(taxon, run["taxonomies"]);
    for (const Json& location : result["locations"]) Location(location, run);
    for (const Json& fix : result.value("fixes", Json::array())) {
      if (!Object(fix, "fix", "artifactChanges", "description")) return;
      for (const Json& change : fix["artifactChanges"]) {
        if (!Object(change, "artifactChange", "artifactLocation replacements", "")) return;
        for (const Json& replacement : change["replacements"]) {
          if (!Object(replacement, "replacement", "deletedRegion", "insertedContent")) return;
          Region(replacement["deletedRegion"]);
          if (replacement.contains("insertedContent")) Text(replacement["insertedContent"], "insertedContent");
        }
      }
    }
  }
  void Location(const Json& location, const Json& run) {
    if (!Object(location, "location", "physicalLocation", "")) return;
    const Json& physical = location["physicalLocation"];
    if (!Object(physical, "physicalLocation", "artifactLocation", "region")) return;
    Object(physical["artifactLocation"], "artifactLocation", "uri", "index uriBaseId");
    if (physical["artifactLocation"]["index"].get<std::size_t>() >= run["artifacts"].size()) Fail("artifact index");
    if (physical.contains("region")) Region(physical["region"]);
  }
  void Region(const Json& region) {
    if (!Object(region, "region", "startLine", "startColumn endLine endColumn snippet")) return;
    const auto line = region["startLine"].get<std::size_t>();
    if (line < 1 || line > lines_.size()) return Fail("a line that is not there");
    const std::string& text = lines_[line - 1];
    const std::vector<std::size_t> starts = Starts(text);
    const std::size_t begin = region.value("startColumn", std::size_t{1});
    const std::size_t end = region.value("endColumn", starts.size());
    if (begin < 1 || end < begin || end > starts.size()) return Fail("columns that are not there");
    if (!region.contains("snippet")) return;
    Text(region["snippet"], "snippet");
    std::string snippet = region["snippet"]["text"];
    for (std::size_t at; (at = snippet.find("\xef\xbf\xbd")) != std::string::npos;) snippet.replace(at, 3, "?");
    const std::string there = text.substr(starts[begin - 1], starts[end - 1] - starts[begin - 1]);
    const bool masked = snippet.find_first_not_of('*') == std::string::npos && snippet.size() == there.size();
    if (snippet != there && !masked) Fail("the columns hold '" + there + "', the snippet says '" + snippet + "'");
  }
  // Where each code point begins, and the end.
  static std::vector<std::size_t> Starts(const std::string& text) {
    std::vector<std::size_t> out;
    for (std::size_t at = 0; at < text.size(); ++at)
      if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) out.push_back(at);
    out.push_back(text.size());
    return out;
  }

  std::vector<std::string> lines_;
  std::string why_;
};

}  // namespace sw::cli
