// Who guesses passwords: `display ssh server lockout`. Our choice.
#pragma once

#include <vector>

#include "cli/display/field.h"
#include "cli/session/guess_lock.h"

namespace sw::cli {

struct LockoutView {
  Time now;
  GuessLimits limits;
  std::vector<Guesser> guessers;
};
extern const DisplayOf<LockoutView> kLockoutDisplay;

}  // namespace sw::cli
