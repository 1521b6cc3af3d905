// From weak algorithms to strong ones without a cut, in three stages, each a script that a person reads and applies:
// 1 puts what is strong beside what is weak, 2 prefers it, 3 removes what is weak. After a stage at one end the other
// may still be one stage behind. What a stage does follows from the configuration alone, so that it may be asked again:
// where it has been done it changes nothing.
//
// Strong is what the other makes have, too: AES-CBC with 256 bits, SHA-256, the group of 2048 bits; for DVPN suite 16
// (AES-GCM and P-256). Keys are not touched; `display security audit` tells of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "device/config/config.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"

namespace sw::cli {

inline constexpr int kFirstStage = 1, kLastStage = 3;

struct Migration {
  int stage = kFirstStage;
  std::vector<std::string> lines = {};    // from system view on
  std::vector<std::string> remarks = {};  // what a person should know of the lines
  std::vector<std::string> blocked = {};  // what the stage cannot do, and what to do instead
};
Migration Migrate(const device::Config& config, int stage);
// As a script: remarks behind #, then the lines.
std::string ScriptText(const Migration& migration, std::string_view name);

// Whether two ends whose peers name each other can still negotiate, in words: one for each thing they need in common.
struct Agreement {
  std::string what;
  bool holds = false;
  bool known = true;  // or it cannot be told here: cipher text of another installation
};
std::vector<Agreement> AgreementsOf(const device::Config& a, const device::Config& b);

// The script of a stage for a file, with what becomes of the ends: `other` is the text of the other end's file; empty:
// only this one. kBadValue: a line of either is refused, so that what they say is not known.
struct MigrationReport {
  std::string script;
  bool ok = true;  // nothing blocked, and the ends agree before and after
};
struct NamedScript {
  std::string name, text;
};
Result<MigrationReport> MigrateFile(const Grammar& grammar, const hal::Capabilities& crypto, const NamedScript& file,
                                    const std::optional<NamedScript>& other, int stage);

}  // namespace sw::cli
