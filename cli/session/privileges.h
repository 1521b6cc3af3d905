// The levels of commands as `command-privilege` changes them. Names of views: Switch 7750 and S3100 command lists, as
// far as captured; the others are ours, by the same rule.
#pragma once

#include <optional>
#include <string_view>

#include "cli/grammar/grammar.h"
#include "config-db/store.h"

namespace sw::cli {

std::optional<View> PrivilegeView(std::string_view name);
// nullopt: nothing is changed.
std::optional<Grammar::Levels> ConfiguredLevels(const Grammar& grammar, const configdb::Store& store);

}  // namespace sw::cli
