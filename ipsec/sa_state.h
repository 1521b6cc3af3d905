// An installed SA with its keys, as another process of this machine goes on with it: numbers jump ahead
// (hal/base/state.h), what was received stays received.
#pragma once

#include "hal/base/state.h"
#include "ipsec/esp.h"
#include "ipsec/sa_replay_window.h"

namespace sw::ipsec {

struct SaState {
  SaParams params;
  hal::Direction direction = hal::Direction::kSeal;
  Time created;
  SaCounters counters;  // the workers' among them
  SaReplayWindow::Seen seen;

  template <typename State>
  void Fields(State& state) {
    state(params.spi, params.suite, params.keys, params.expires, params.used_sequence);
    state.Range(params.protocol, SaProtocol::kEsp, SaProtocol::kAh);
    state.Range(params.algorithms.cipher, hal::Cipher::kNull, hal::Cipher::kAesGcm256);
    state.Range(params.algorithms.integrity, hal::Integrity::kNone, hal::Integrity::kAead);
    state.Range(direction, hal::Direction::kSeal, hal::Direction::kOpen);
    state(created, counters.packets, counters.bytes, counters.drops);
    if (direction == hal::Direction::kOpen) state(seen.highest, seen.words);
  }
};

}  // namespace sw::ipsec
