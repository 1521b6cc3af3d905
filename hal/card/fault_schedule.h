// Which faults of a plan are due: counts packets since the plan was given, and takes a new plan through registers that
// only the model has.
//
// A value; the card's thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hal/base/clock.h"
#include "hal/card/fault_plan.h"

namespace sw::hal::card {

// Offsets in BAR 0 that only the model has: a fault plan as text, four bytes a register; writing its length to
// kRegPlanLength takes it up. Reads back 1 when it was taken, 2 when it was refused. kRegModel reads as kModelMagic.
inline constexpr std::uint32_t kRegModel = 0x2000, kRegPlanLength = 0x2004, kRegPlanText = 0x2100;
inline constexpr std::uint32_t kModelMagic = 0x4c444f4d;  // "MODL"

class FaultSchedule {
 public:
  void Arm(FaultPlan plan);
  void CountPacket() { ++packets_; }
  bool Happens(FaultKind kind) { return !armed_.empty() && TakeOne(kind); }  // now, and once less from now on
  Duration TakeTime(FaultKind kind);                                         // of one with a time, likewise; 0: not now
  void EndBegun();  // the card was reset: what has not begun yet waits on

  std::uint32_t Read(std::uint32_t offset) const;         // 0: not one of these registers
  bool Write(std::uint32_t offset, std::uint32_t value);  // false: not one of these registers

 private:
  struct Armed {
    Fault fault;
    std::uint64_t seen_at;  // packets_ when it was armed
    bool begun = false;
  };
  Armed* Due(FaultKind kind);
  bool TakeOne(FaultKind kind);
  void TakePlan(std::uint32_t length);

  std::vector<Armed> armed_;
  std::uint64_t packets_ = 0;  // since power on; never reset, so that plans can count
  std::array<char, 256> plan_{};
  std::uint32_t plan_result_ = 0;
};

}  // namespace sw::hal::card
