// From a silent slot to a running card, a state with a deadline at a time. It asks a RegisterMap and knows no register;
// what the driver has to do in between, it says by its Step.
//
//   IDENTIFY -> RESET -> SELFTEST -> ENABLE -> RUNNING; FAILED from each of them. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hal/base/clock.h"
#include "hal/pcie/bus.h"
#include "hal/pcie/card_map.h"
#include "hal/pcie/trouble.h"

namespace sw::hal::pcie {

enum class BringUp : std::uint8_t { kIdentify, kReset, kSelfTest, kEnable, kRunning, kFailed };
std::string_view Name(BringUp);

// Our choice, all of it.
struct BringUpDeadlines {
  Duration identify = std::chrono::milliseconds(200);
  Duration reset = std::chrono::milliseconds(500);
  Duration self_test = std::chrono::seconds(1);
  Duration enable = std::chrono::milliseconds(200);
};

class BringUpMachine {
 public:
  enum class Step : std::uint8_t {
    kWait,        // look again later
    kIdentified,  // shape() is known: lay out memory, then Reset
    kTested,      // make the queues, then Enable
    kRuns,        // the card works
    kFailed,      // trouble() and detail()
  };
  // Both outlive this.
  BringUpMachine(Transport& transport, RegisterMap& map, BringUpDeadlines deadlines)
      : transport_(transport), map_(map), deadlines_(deadlines) {}

  Step Poll(Time now);
  void Reset(Time now);
  void Enable(Time now);
  void Begin();  // from the beginning
  void Stop() { state_ = BringUp::kFailed; }

  BringUp state() const { return state_; }
  std::uint32_t generation() const { return generation_; }  // of the card that runs
  const CardShape& shape() const { return shape_; }
  Trouble trouble() const { return trouble_; }
  const std::string& detail() const { return detail_; }

 private:
  Step Identify(Time now);
  Step Look(Time now);
  Step Fail(Trouble trouble, std::string detail = {});
  void Enter(BringUp state, Time deadline);

  Transport& transport_;
  RegisterMap& map_;
  const BringUpDeadlines deadlines_;
  BringUp state_ = BringUp::kIdentify;
  Time deadline_ = Time::Never();
  bool asked_ = false;  // Reconnect was tried in this kIdentify
  std::uint32_t generation_ = 0;
  CardShape shape_;
  Trouble trouble_ = Trouble::kNone;
  std::string detail_;
};

}  // namespace sw::hal::pcie
