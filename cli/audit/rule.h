// A rule of the audit: a row that says what is weak and why, and a function that finds it in a configuration. The rows
// stand in tables, one file per area. Everything here is a value; rules neither print nor keep anything.
//
// How bad something is under a profile is our judgement. What a document says is told with how much of it was read
// (cli/audit/documents.h); facts: the documents' own pages.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/audit/documents.h"
#include "config-db/store.h"
#include "device/config/config.h"

namespace sw::cli {

enum class Severity : std::uint8_t { kNone, kNote, kWarning, kError };
std::string_view SeverityName(Severity severity);  // none, note, warning, error: the levels of SARIF

// By whose yardstick: the RFCs of the IETF, NIST's special publications, BSI TR-02102-3.
enum class Profile : std::uint8_t { kRfc, kNist, kBsi };
inline constexpr std::size_t kProfiles = 3;
inline constexpr std::array<std::string_view, kProfiles> kProfileNames = {"rfc", "nist", "bsi"};
using Severities = std::array<Severity, kProfiles>;  // by profile
constexpr Severities Always(Severity severity) {
  return {severity, severity, severity};
}

// Stands in lines where a person must put a key of their own; too short to pass if it is typed as it is.
inline constexpr std::string_view kNewKey = "<KEY>";

// One place where a rule applies.
struct Hit {
  std::string_view table = {};  // the row that says it, or whose default it is
  std::string key = {};         // of that row, as configdb::KeyText
  std::string_view column = {};
  std::string object = {};              // as commands name it: "ipsec proposal p1"
  std::string what = {};                // in words, of this place
  std::vector<std::string> users = {};  // who uses it: "ipsec policy a 10", "interface GigabitEthernet0/1"
  std::vector<std::string> mend = {};   // lines from system view on; empty: no line mends it, `remedy` says what does
  bool both_ends = false;               // the other end must change in the same window
  bool unused = false;                  // nothing uses it: worth a note, however bad it is
  bool last_resort = false;             // used only where nothing better is in common: a note as well
  std::string remedy = {};
};

struct AuditInput {
  const device::Config& config;
  const configdb::Store& store;  // for what has no typed value
  Profile profile = Profile::kRfc;
};

struct Rule {
  std::string_view id;    // stable: baselines and SARIF name it
  std::string_view area;  // algorithms, keys, ...
  Severities severity;
  std::array<int, 2> cwe;  // 0: none
  std::string_view what;   // one line
  std::string_view why;
  std::span<const Citation> documents;
  void (*find)(const AuditInput& input, std::vector<Hit>& out);
};

std::span<const Rule> AlgorithmRules();
std::span<const Rule> KeyRules();
std::span<const Rule> AuthenticationRules();
std::span<const Rule> ManagementRules();
std::span<const Rule> SnmpRules();
std::span<const Rule> LifetimeRules();
std::vector<const Rule*> AllRules();                    // in the order above
std::string_view CweTitle(int cwe);                     // as the list of MITRE has it
Severity SeverityOf(const Rule&, Profile, const Hit&);  // kNone: not reported

}  // namespace sw::cli
