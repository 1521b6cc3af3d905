// The crypto engine that `sw8800d --crypto` names: software alone, or a card with software as its backup, driven from
// the event loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/event_loop.h"
#include "hal/backend.h"
#include "hal/base/random.h"
#include "hal/failover/failover_device.h"
#include "hal/soft/engine_plan.h"

namespace sw::device {

class CardEngine {
 public:
  // A name as hal/backend.h has it. kBadValue: none of them; kDevice: software cannot be had. A card that does not come
  // up is no error: it is tried again. Waits for the first bring-up, at most about 2 s.
  // `plan` is what the software goes by.
  static Result<std::unique_ptr<CardEngine>> Open(const std::string& name, const hal::EnginePlan& plan, EventLoop& loop,
                                                  Random& random);
  ~CardEngine();

  hal::CryptoDevice& crypto();
  hal::FailoverDevice* card();  // null: software alone
  // `ready` is called when packets may have come back; `log` with what the card does. Both on the loop's thread.
  void Start(std::function<void()> ready, hal::FailoverDevice::OnEvent log);

 private:
  void BringUp(Random& random);
  explicit CardEngine(EventLoop& loop) : loop_(loop) {}
  void Poll();
  void Arm();

  EventLoop& loop_;
  hal::OpenedEngine engine_;                     // what was named
  std::unique_ptr<hal::CryptoDevice> software_;  // behind a card
  std::unique_ptr<hal::FailoverDevice> failover_;
  std::vector<hal::FailoverEvent> early_;  // before anybody listened
  std::vector<std::unique_ptr<EventLoop::Watch>> watches_;
  std::function<void()> ready_;
  Scheduler::TimerId timer_ = 0;
};

}  // namespace sw::device
