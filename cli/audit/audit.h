// What is weak in a configuration: the rules' hits, each with the line it comes from, and what a baseline says of it.
// A value; secrets are in none of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/audit/peer_uses.h"
#include "cli/audit/rule.h"
#include "cli/audit/sources.h"
#include "cli/grammar/grammar.h"
#include "cli/replay/replay.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"

namespace sw::cli {

enum class BaselineState : std::uint8_t { kNone, kNew, kUnchanged };  // kNone: there is no baseline
std::string_view BaselineName(BaselineState state);                   // empty, new, unchanged

struct AuditFinding {
  const Rule* rule = nullptr;
  Severity severity = Severity::kNote;
  Hit hit = {};
  std::optional<Place> place = {};  // of the words at fault, or of the line that makes the object whose default it is
  bool is_default = false;          // no line says it
  std::string fingerprint = {};     // rule, object, column and what: the same when lines move
  BaselineState state = BaselineState::kNone;
};

struct Audit {
  std::string name;  // of the file, or the sysname
  Profile profile = Profile::kRfc;
  std::vector<AuditFinding> findings = {};  // by line, those without one last
  std::vector<LineReport> refused = {};     // lines that no audit can judge
  std::vector<std::string> gone = {};       // fingerprints of the baseline that are found no more
  std::vector<PeerUse> in_use = {};         // of a running device
  std::size_t Count(Severity severity) const;
  // Nothing refused, and no error or warning that the baseline does not have.
  bool ok() const;
};

// Of a script, as CheckScript takes it; `script_report` gets what the check itself says. kStorage.
Result<Audit> AuditScript(const Grammar& grammar, const hal::Capabilities& crypto, const std::string& name,
                          std::string_view script, Profile profile, ReplayReport* script_report = nullptr);
// Of a device's rows; lines are those of `display current-configuration`. kStorage.
Result<Audit> AuditRows(const Grammar& grammar, const configdb::Store& store, const device::Config& config,
                        Profile profile);

std::optional<Profile> ParseProfile(std::string_view name);

// Marks each finding as new or unchanged. `baseline`: the JSON report of an earlier audit. kBadValue: it is none.
Status ApplyBaseline(std::string_view baseline, Audit& audit);

}  // namespace sw::cli
