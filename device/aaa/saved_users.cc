#include "device/aaa/saved_users.h"

#include "device/aaa/aaa_live.h"
#include "hal/base/state.h"

namespace sw::device {

template <typename State>
void SavedUsers::Fields(State& state) {
  std::uint32_t count = 0;
  for (const auto& [index, live] : aaa_.live_) count += live->tunnel.empty() || live->ending ? 0 : 1;
  state(aaa_.last_, aaa_.boot_, count);
  if constexpr (State::kReads) {
    for (std::uint32_t i = 0; i < count && state.ok(); ++i) {
      auto live = std::make_unique<Aaa::Live>();
      state(*live);
      const std::uint64_t index = live->shown.index;
      if (index > aaa_.last_ || !aaa_.by_map_.try_emplace({live->tunnel, live->shown.address}, index).second ||
          !aaa_.live_.try_emplace(index, std::move(live)).second)
        state.Refuse();
    }
  } else {
    for (const auto& [index, live] : aaa_.live_)
      if (!live->tunnel.empty() && !live->ending) state(*live);
  }
}
template void SavedUsers::Fields(StateWriter&);
template void SavedUsers::Fields(StateReader&);

void SavedUsers::GoOn(std::function<void(const std::string& tunnel, Ipv4 peer)> cut) {
  Scheduler& scheduler = aaa_.platform_.scheduler();
  for (const auto& entry : aaa_.by_map_) {
    const auto& map = entry.first;
    const std::uint64_t index = entry.second;
    Aaa::Live& live = *aaa_.live_.at(index);
    live.cut = [cut, tunnel = map.first, peer = map.second] { cut(tunnel, peer); };
    const auto scheme = aaa_.config_.radius.find(live.shown.accounting);
    if (live.timer != 0 || scheme == aaa_.config_.radius.end() || scheme->second.realtime <= 0) continue;
    live.timer = scheduler.At(scheduler.now() + std::chrono::minutes(scheme->second.realtime),
                              [aaa = &aaa_, index] { aaa->Interim(index); });
  }
}

}  // namespace sw::device
