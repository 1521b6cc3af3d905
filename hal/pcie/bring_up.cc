#include "hal/pcie/bring_up.h"

#include <utility>

namespace sw::hal::pcie {

std::string_view Name(BringUp state) {
  constexpr std::string_view kNames[] = {"IDENTIFY", "RESET", "SELFTEST", "ENABLE", "RUNNING", "FAILED"};
  return kNames[static_cast<std::size_t>(state)];
}

void BringUpMachine::Enter(BringUp state, Time deadline) {
  state_ = state;
  deadline_ = deadline;
}

BringUpMachine::Step BringUpMachine::Fail(Trouble trouble, std::string detail) {
  trouble_ = trouble;
  detail_ = std::move(detail);
  return Step::kFailed;
}

void BringUpMachine::Begin() {
  asked_ = false;
  Enter(BringUp::kIdentify, Time::Never());
}

BringUpMachine::Step BringUpMachine::Poll(Time now) {
  switch (state_) {
    case BringUp::kIdentify:
      return Identify(now);
    case BringUp::kReset:
    case BringUp::kSelfTest:
    case BringUp::kEnable:
      return Look(now);
    case BringUp::kRunning:
    case BringUp::kFailed:
      break;
  }
  return Step::kWait;
}

BringUpMachine::Step BringUpMachine::Identify(Time now) {
  if (!std::exchange(asked_, true)) {
    deadline_ = now + deadlines_.identify;
    const Status connected = transport_.Reconnect();
    if (connected.code() == Code::kUnsupported) return Fail(Trouble::kWrongCard, connected.why());
    if (!connected.ok()) return Fail(Trouble::kAbsent, connected.why());
  }
  Sighting sighting = map_.Identify();
  if (sighting.silent && now < deadline_) return Step::kWait;
  if (sighting.trouble != Trouble::kNone) return Fail(sighting.trouble, std::move(sighting.detail));
  std::optional<CardShape> shape = map_.ReadShape();
  if (!shape) return Fail(Trouble::kBadCapabilities);
  shape_ = std::move(*shape);
  return Step::kIdentified;
}

void BringUpMachine::Reset(Time now) {
  generation_ = map_.Generation();
  map_.Reset();
  Enter(BringUp::kReset, now + deadlines_.reset);
}

void BringUpMachine::Enable(Time now) {
  map_.Enable();
  Enter(BringUp::kEnable, now + deadlines_.enable);
}

// One look at the card: go on, wait, or give up.
BringUpMachine::Step BringUpMachine::Look(Time now) {
  const Condition card = map_.Look();
  if (card.gone) return Fail(Trouble::kGone);
  if (state_ == BringUp::kReset && card.state == CardState::kIdle && map_.Generation() != generation_) {
    generation_ = map_.Generation();
    map_.SelfTest();
    Enter(BringUp::kSelfTest, now + deadlines_.self_test);
    return Step::kWait;
  }
  if (state_ == BringUp::kSelfTest && card.state == CardState::kReady) return Step::kTested;
  if (state_ == BringUp::kSelfTest && card.state == CardState::kFault)
    return Fail(Trouble::kSelfTestFailed, map_.SelfTestText());
  if (state_ == BringUp::kEnable && card.state == CardState::kRunning) {
    Enter(BringUp::kRunning, Time::Never());
    return Step::kRuns;
  }
  if (state_ == BringUp::kEnable && card.state == CardState::kFault)
    return Fail(Trouble::kFaultState, std::string(card.fault));
  if (now < deadline_) return Step::kWait;
  return Fail(state_ == BringUp::kReset      ? Trouble::kResetTimeout
              : state_ == BringUp::kSelfTest ? Trouble::kTestTimeout
                                             : Trouble::kEnableTimeout);
}

}  // namespace sw::hal::pcie
