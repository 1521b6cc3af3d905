#include "hal/card/fault_schedule.h"

#include <cstring>
#include <utility>

namespace sw::hal::card {

void FaultSchedule::Arm(FaultPlan plan) {
  armed_.clear();
  for (const Fault& fault : plan) armed_.push_back({fault, packets_, false});
}

FaultSchedule::Armed* FaultSchedule::Due(FaultKind kind) {
  for (Armed& armed : armed_)
    if (armed.fault.kind == kind && armed.fault.count != 0 &&
        (kind == FaultKind::kSelfTest || packets_ - armed.seen_at >= armed.fault.after)) {
      armed.begun = true;
      return &armed;
    }
  return nullptr;
}

bool FaultSchedule::TakeOne(FaultKind kind) {
  Armed* armed = Due(kind);
  if (armed == nullptr) return false;
  --armed->fault.count;
  return true;
}

Duration FaultSchedule::TakeTime(FaultKind kind) {
  Armed* armed = armed_.empty() ? nullptr : Due(kind);
  if (armed == nullptr) return Duration(0);
  --armed->fault.count;
  return std::chrono::milliseconds(armed->fault.milliseconds);
}

void FaultSchedule::EndBegun() {
  std::erase_if(armed_, [](const Armed& a) { return a.begun; });
}

std::uint32_t FaultSchedule::Read(std::uint32_t offset) const {
  return offset == kRegModel ? kModelMagic : offset == kRegPlanLength ? plan_result_ : 0;
}

bool FaultSchedule::Write(std::uint32_t offset, std::uint32_t value) {
  if (offset == kRegPlanLength) {
    TakePlan(value);
    return true;
  }
  if (offset < kRegPlanText || offset - kRegPlanText >= plan_.size()) return false;
  std::memcpy(plan_.data() + (offset - kRegPlanText) / 4 * 4, &value, 4);
  return true;
}

void FaultSchedule::TakePlan(std::uint32_t length) {
  plan_result_ = 2;
  if (length > kMostPlanBytes) return;
  Result<FaultPlan> plan = ParseFaultPlan({plan_.data(), length});
  if (!plan.ok()) return;
  Arm(std::move(*plan));
  plan_result_ = 1;
}

}  // namespace sw::hal::card
