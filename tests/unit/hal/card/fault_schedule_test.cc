#include "hal/card/fault_schedule.h"

#include <gtest/gtest.h>

#include <cstring>

namespace sw::hal::card {
namespace {

void Give(FaultSchedule& faults, std::string_view plan) {
  for (std::size_t at = 0; at < plan.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, plan.data() + at, std::min<std::size_t>(4, plan.size() - at));
    EXPECT_TRUE(faults.Write(kRegPlanText + static_cast<std::uint32_t>(at), word));
  }
  EXPECT_TRUE(faults.Write(kRegPlanLength, static_cast<std::uint32_t>(plan.size())));
}

TEST(FaultSchedule, HappensFromItsPacketOnAsOftenAsItSays) {
  FaultSchedule faults;
  faults.CountPacket();  // before the plan: not counted
  faults.Arm(*ParseFaultPlan("drop@2x2"));
  std::string happened;
  for (int i = 0; i < 5; ++i) {
    faults.CountPacket();
    happened += faults.Happens(FaultKind::kDrop) ? 'x' : '.';
    EXPECT_FALSE(faults.Happens(FaultKind::kDouble));
  }
  EXPECT_EQ(happened, ".xx..");
}

TEST(FaultSchedule, AResetEndsWhatHasBegunOnly) {
  FaultSchedule faults;
  faults.Arm(*ParseFaultPlan("slow@1x100=7,drop@3"));
  faults.CountPacket();
  EXPECT_EQ(faults.TakeTime(FaultKind::kSlow), std::chrono::milliseconds(7));
  faults.EndBegun();
  EXPECT_EQ(faults.TakeTime(FaultKind::kSlow), Duration(0));
  faults.CountPacket();
  faults.CountPacket();
  EXPECT_TRUE(faults.Happens(FaultKind::kDrop));
}

TEST(FaultSchedule, TakesAPlanThroughItsRegistersAndSaysWhetherItDid) {
  FaultSchedule faults;
  EXPECT_EQ(faults.Read(kRegModel), kModelMagic);
  EXPECT_EQ(faults.Read(kRegPlanLength), 0U);
  Give(faults, "self-test");
  EXPECT_EQ(faults.Read(kRegPlanLength), 1U);
  EXPECT_TRUE(faults.Happens(FaultKind::kSelfTest));
  Give(faults, "nonsense");
  EXPECT_EQ(faults.Read(kRegPlanLength), 2U);
  EXPECT_TRUE(faults.Write(kRegPlanLength, 0xffffffff));
  EXPECT_EQ(faults.Read(kRegPlanLength), 2U);
  EXPECT_FALSE(faults.Write(kRegModel, 1));
  EXPECT_FALSE(faults.Write(kRegPlanText + 256, 1));
  EXPECT_EQ(faults.Read(0), 0U);
}

}  // namespace
}  // namespace sw::hal::card
