// What is stored is printed as lines, and a line that is printed must be one that can be typed. Abbreviated words and
// parts that came one by one may add up to more than a line holds.
#pragma once

#include <functional>

#include "cli/grammar/grammar.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

// Makes the change in `edit`. kBadValue when a row that it changed could not be written as lines of at most kMaxLine
// characters; then the edit is to be rolled back.
Status ChangeInLines(const Grammar& grammar, configdb::Edit& edit,
                     const std::function<Status(configdb::Edit&)>& change);

}  // namespace sw::cli
