// SNMP: communities, and versions that send them in clear. This device keeps these settings and serves them nowhere
// (the SNMP daemon of the system answers); others of the family do what they say. A community is a secret: findings
// count them and do not name them.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/audit/rule.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

constexpr std::size_t kLongCommunity = 12;  // characters; our choice, as for passwords
// What scanners try first; the first two are the defaults of many makes.
constexpr std::string_view kKnown[] = {"public", "private", "cisco", "manager", "monitor", "snmp",   "admin",   "read",
                                       "write",  "default", "3com",  "huawei",  "h3c",     "tivoli", "openview"};
constexpr std::string_view kElsewhere =
    "version 3 with a user, in the SNMP daemon of the system or on the device that has this line";

std::vector<configdb::Row> RowsOf(const AuditInput& input, std::string_view table) {
  Result<std::vector<configdb::Row>> rows = input.store.Rows(table);
  return rows.ok() ? std::move(*rows) : std::vector<configdb::Row>();
}

// Calls `visit` with the row of each community and a hit that says which.
template <typename Visit>
void EachCommunity(const AuditInput& input, Visit visit) {
  int number = 0;
  for (const configdb::Row& row : RowsOf(input, "snmp_community")) {
    Hit hit{.table = "snmp_community", .key = row.TextOr("name", "")};
    hit.object = fmt::format("snmp-agent community {} (number {})", row.TextOr("access", ""), ++number);
    visit(row, std::move(hit));
  }
}

bool InClear(std::string_view version) {
  return version.find("v1") != version.npos || version.find("v2c") != version.npos || version == "all";
}
// Version 3 alone is served unless a line says more.
std::string Version(const AuditInput& input) {
  for (const configdb::Row& row : RowsOf(input, "snmp_global")) return row.TextOr("version", "v3");
  return "v3";
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void FindWeak(const AuditInput& input, std::vector<Hit>& out) {
  EachCommunity(input, [&](const configdb::Row& row, Hit hit) {
    const std::string name = row.TextOr("name", "");
    const bool known = std::ranges::find(kKnown, Lower(name)) != std::end(kKnown);
    if (!known && name.size() >= kLongCommunity) return;
    hit.column = "name";
    hit.what = known ? "its name is one of those that are tried first"
                     : fmt::format("it has fewer than {} characters", kLongCommunity);
    hit.remedy =
        "undo snmp-agent community, then one with a name that nobody guesses; better: " + std::string(kElsewhere);
    hit.both_ends = true;
    out.push_back(std::move(hit));
  });
}

void FindOpenWrite(const AuditInput& input, std::vector<Hit>& out) {
  EachCommunity(input, [&](const configdb::Row& row, Hit hit) {
    if (row.TextOr("access", "") != "write" || row.IntOr("acl", 0) != 0) return;
    hit.column = "access";
    hit.what = "whoever knows its name changes the configuration, from any address";
    hit.remedy = "the same line with acl and the number of a list of managers, or read instead of write";
    out.push_back(std::move(hit));
  });
}

void FindClear(const AuditInput& input, std::vector<Hit>& out) {
  const std::string version = Version(input);
  if (InClear(version)) {
    Hit hit{.table = "snmp_global", .key = "1", .column = "version", .object = "snmp-agent sys-info version"};
    hit.what = version == "all" ? "version 1 and version 2c are served" : "it serves " + version;
    hit.mend = {"snmp-agent sys-info version v3"};
    hit.both_ends = true;
    out.push_back(std::move(hit));
  }
  EachCommunity(input, [&](const configdb::Row&, Hit hit) {
    hit.column = "name";
    hit.what = "each request carries it in clear";
    hit.remedy = kElsewhere;
    hit.both_ends = true;
    hit.unused = !InClear(version);
    out.push_back(std::move(hit));
  });
  for (const configdb::Row& row : RowsOf(input, "snmp_target")) {
    const std::string to = row.TextOr("address", ""), by = row.TextOr("version", "v1");
    if (!InClear(by)) continue;
    Hit hit{.table = "snmp_target", .column = "version", .object = "snmp-agent target-host " + to};
    hit.key = configdb::KeyText({to, row.TextOr("security_name", "")});
    hit.what = fmt::format("notifications go there by {}, with the community in clear", by);
    hit.remedy = "the same line with the name of a user of version 3, and v3";
    hit.both_ends = true;
    out.push_back(std::move(hit));
  }
}

constexpr Rule kRules[] = {
    {"snmp-community-weak",
     "snmp",
     Always(Severity::kError),
     {1392, 521},
     "A community that is found by trying",
     "Who knows the community reads the device, or writes it; scanners try short and well-known names all day.",
     {},
     FindWeak},
    {"snmp-write-open",
     "snmp",
     Always(Severity::kError),
     {923, 0},
     "A community that may write, from anywhere",
     "The name of the community is all that stands between anybody and the configuration.",
     {},
     FindOpenWrite},
    {"snmp-clear",
     "snmp",
     Always(Severity::kWarning),
     {319, 523},
     "SNMP without encryption",
     "Versions 1 and 2c authenticate by a word that each packet carries in clear; who sees one packet has it.",
     {},
     FindClear},
};

}  // namespace

std::span<const Rule> SnmpRules() {
  return kRules;
}

}  // namespace sw::cli
