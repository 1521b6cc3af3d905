// Users who stay when another process goes on for this one.
#include "device/aaa/aaa_live.h"
#include "hal/base/state.h"

namespace sw::device {

template <typename State>
void Aaa::Fields(State& state) {
  std::uint32_t count = 0;
  for (const auto& [index, live] : live_) count += live->tunnel.empty() || live->ending ? 0 : 1;
  state(last_, boot_, count);
  if constexpr (State::kReads) {
    for (std::uint32_t i = 0; i < count && state.ok(); ++i) {
      auto live = std::make_unique<Live>();
      state(*live);
      const std::uint64_t index = live->shown.index;
      if (index > last_ || !by_map_.try_emplace({live->tunnel, live->shown.address}, index).second ||
          !live_.try_emplace(index, std::move(live)).second)
        state.Refuse();
    }
  } else {
    for (const auto& [index, live] : live_)
      if (!live->tunnel.empty() && !live->ending) state(*live);
  }
}
template void Aaa::Fields(StateWriter&);
template void Aaa::Fields(StateReader&);

void Aaa::OnRestored(std::function<void(const std::string& tunnel, Ipv4 peer)> cut) {
  for (const auto& entry : by_map_) {
    const auto& map = entry.first;
    const std::uint64_t index = entry.second;
    Live& live = *live_.at(index);
    live.cut = [cut, tunnel = map.first, peer = map.second] { cut(tunnel, peer); };
    const auto scheme = config_.radius.find(live.shown.accounting);
    if (live.timer == 0 && scheme != config_.radius.end() && scheme->second.realtime > 0)
      live.timer = platform_.scheduler().At(platform_.scheduler().now() + std::chrono::minutes(scheme->second.realtime),
                                            [this, index] { Interim(index); });
  }
}

}  // namespace sw::device
