// Configurations as models: text is parted into its sections, so that what was printed, saved or kept is shown alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/display/field.h"
#include "config-db/checkpoint.h"
#include "config-db/store.h"
#include "hal/base/clock.h"

namespace sw::cli {

struct ConfigurationView {
  std::string text;  // secrets masked where the operator must not see them
};
extern const DisplayOf<ConfigurationView> kConfigurationDisplay;

// A line and who made it so.
struct BlameLine {
  std::string commit, when, by, line;
};
using BlameView = std::vector<BlameLine>;
extern const DisplayOf<BlameView> kBlameDisplay;

struct DiffView {
  std::string text;  // of ConfigurationDiff
};
extern const DisplayOf<DiffView> kDiffDisplay;

using JournalView = std::vector<configdb::JournalEntry>;  // in the order of their commits
extern const DisplayOf<JournalView> kJournalDisplay;

struct CheckpointsView {
  std::vector<configdb::CheckpointInfo> checkpoints;
  std::optional<Duration> left;  // until a change that is not confirmed goes back
};
extern const DisplayOf<CheckpointsView> kCheckpointsDisplay;

struct StartupView {
  std::string main, backup;  // without flash:/; empty: none
};
extern const DisplayOf<StartupView> kStartupDisplay;

}  // namespace sw::cli
