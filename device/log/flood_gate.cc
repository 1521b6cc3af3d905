#include "device/log/flood_gate.h"

#include <algorithm>
#include <utility>

namespace sw::device {

FloodGate::Verdict FloodGate::Take(InfoKind kind, std::string_view module, std::string_view digest, Duration now) {
  constexpr Duration kOne = Duration(std::chrono::seconds(1)) / kPerSecond;
  const auto [at, fresh] = sources_.try_emplace({kind, std::string(module), std::string(digest)});
  Source& source = at->second;
  if (fresh || now < source.filled) source.filled = now;  // the clock began anew
  const std::int64_t more = (now - source.filled) / kOne;
  source.room = std::min(kBurst, source.room + more);
  source.filled += more * kOne;
  if (source.room > 0) {
    --source.room;
    return Verdict::kPass;
  }
  ++source.left_out;
  return std::exchange(leaves_out_, true) ? Verdict::kLeftOut : Verdict::kFirstLeftOut;
}

std::vector<FloodGate::LeftOut> FloodGate::TakeLeftOut() {
  std::vector<LeftOut> out;
  for (auto& [key, source] : sources_) {
    if (source.left_out == 0) continue;
    const auto& [kind, module, digest] = key;
    out.push_back({kind, module, digest, std::exchange(source.left_out, 0)});
  }
  leaves_out_ = false;
  return out;
}

}  // namespace sw::device
