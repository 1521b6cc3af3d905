#include "device/linux/mender.h"

#include <fmt/format.h>

namespace sw::device {

bool Mender::May(const std::string& what, Time now) {
  std::erase_if(cases_, [now](const auto& each) { return each.second.Over(now); });
  const auto [at, first] = cases_.try_emplace(what);
  Case& here = at->second;
  if (first) {
    here.since = now;
    hooks_.say(what + " was taken away and is put back", false);
  }
  if (here.given_up) return false;
  if (++here.tries <= kTries) return true;
  here = {here.tries, now, true};
  using std::chrono::duration_cast;
  hooks_.say(
      fmt::format("{} was taken away {} times within {} s: given up for {} minutes, somebody else does not want it",
                  what, here.tries, duration_cast<std::chrono::seconds>(kWindow).count(),
                  duration_cast<std::chrono::minutes>(kRest).count()),
      true);
  hooks_.look_again(now + kRest);
  return false;
}

bool Mender::Rests(const std::string& what, Time now) const {
  const auto at = cases_.find(what);
  return at != cases_.end() && at->second.given_up && !at->second.Over(now);
}

}  // namespace sw::device
