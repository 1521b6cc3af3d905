#include "hal/pcie/in_flight.h"

#include <algorithm>

namespace sw::hal::pcie {

void InFlight::Start(std::size_t depth, std::size_t commands) {
  depth_ = depth;
  tags_.assign(depth + commands, {});
  free_tags_.clear();
  free_commands_.clear();
  for (std::size_t i = depth; i-- > 0;) free_tags_.push_back(static_cast<std::uint16_t>(i));
  for (std::size_t i = depth + commands; i-- > depth;) free_commands_.push_back(static_cast<std::uint16_t>(i));
}

bool InFlight::AnyOlderThan(Duration age, Time now) const {
  return std::ranges::any_of(tags_, [&](const Tag& tag) { return tag.busy && now - tag.submitted >= age; });
}

std::vector<std::uint16_t> InFlight::Busy() const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < tags_.size(); ++i)
    if (tags_[i].busy) out.push_back(static_cast<std::uint16_t>(i));
  std::ranges::sort(out, {}, [this](std::uint16_t tag) { return tags_[tag].order; });
  return out;
}

}  // namespace sw::hal::pcie
