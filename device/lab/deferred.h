// Hands items to a handler from the scheduler, in bursts, and never from inside the call that brought them: a handler
// may call back into what called it. A handler may also drop the Deferred that calls it.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "hal/base/clock.h"

namespace sw::device {

template <typename T>
class Deferred {
 public:
  static constexpr std::size_t kMaxWaiting = 16384;

  Deferred(Scheduler& scheduler, std::function<void(std::vector<T>&)> handler)
      : scheduler_(scheduler), state_(std::make_shared<State>()) {
    state_->handler = std::move(handler);
  }
  ~Deferred() { scheduler_.Cancel(state_->timer); }
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

  // False when too many wait already; the item is dropped then.
  bool Push(T item) {
    if (state_->waiting.size() >= kMaxWaiting) return false;
    state_->waiting.push_back(std::move(item));
    if (state_->timer == 0) {
      state_->timer = scheduler_.At(scheduler_.now(), [state = state_] {
        state->timer = 0;
        std::vector<T> burst = std::exchange(state->waiting, {});
        state->handler(burst);
      });
    }
    return true;
  }

 private:
  struct State {
    std::function<void(std::vector<T>&)> handler;
    std::vector<T> waiting;
    Scheduler::TimerId timer = 0;
  };
  Scheduler& scheduler_;
  std::shared_ptr<State> state_;
};

}  // namespace sw::device
