#include "hal/card/inject.h"

#include <cstring>

#include "hal/card/fault_schedule.h"

namespace sw::hal::card {

Status InjectFault(pcie::RegisterBus& bus, std::string_view plan) {
  if (Result<FaultPlan> parsed = ParseFaultPlan(plan); !parsed.ok()) return parsed.status();
  if (bus.Read32(kRegModel) != kModelMagic) return {Code::kUnsupported, "this card is not the model"};
  for (std::size_t at = 0; at < plan.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, plan.data() + at, std::min<std::size_t>(4, plan.size() - at));
    bus.Write32(kRegPlanText + static_cast<std::uint32_t>(at), word);
  }
  bus.Write32(kRegPlanLength, static_cast<std::uint32_t>(plan.size()));
  if (bus.Read32(kRegPlanLength) != 1) return {Code::kBadValue, "the model refused the fault plan"};
  return {};
}

}  // namespace sw::hal::card
