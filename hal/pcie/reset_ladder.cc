#include "hal/pcie/reset_ladder.h"

#include <algorithm>

namespace sw::hal::pcie {
namespace {

// A reset may help against these; against an empty slot or another card it does not.
constexpr Trouble kOfTheCard[] = {Trouble::kResetTimeout, Trouble::kTestTimeout, Trouble::kEnableTimeout,
                                  Trouble::kSelfTestFailed, Trouble::kFaultState};

}  // namespace

Trouble ResetLadder::Failed(Trouble trouble) {
  if (std::ranges::find(kOfTheCard, trouble) == std::end(kOfTheCard)) return trouble;
  ++failures_;
  if (given_up()) return Trouble::kGivenUp;
  if (last_ == Rung::kNone) return trouble;
  return last_ == Rung::kFunction ? Trouble::kFunctionReset : Trouble::kBusReset;
}

void ResetLadder::Climb(Transport& transport) {
  if (given_up()) Works();
  if (failures_ == 0) return;
  if (failures_ > 1 && transport.Reset(ResetKind::kBus).ok()) {
    last_ = Rung::kBus;
  } else if (transport.Reset(ResetKind::kFunction).ok()) {
    last_ = Rung::kFunction;
  }
}

}  // namespace sw::hal::pcie
