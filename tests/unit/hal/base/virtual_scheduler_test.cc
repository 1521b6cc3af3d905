#include "hal/base/virtual_scheduler.h"

#include <gtest/gtest.h>

#include <string>

namespace sw {
namespace {

using std::chrono::seconds;

class VirtualTime : public testing::Test {
 protected:
  Scheduler::TimerId At(int second, char mark) {
    return scheduler_.At({seconds(second)}, [this, mark] { ran_ += mark; });
  }
  VirtualScheduler scheduler_;
  std::string ran_;
};

TEST_F(VirtualTime, RunsInOrderOfTimeAndEqualTimesInOrderOfArming) {
  At(3, 'c');
  At(1, 'a');
  At(3, 'd');
  At(2, 'b');
  scheduler_.RunUntil({seconds(2)});
  EXPECT_EQ(ran_, "ab");
  EXPECT_EQ(scheduler_.now(), Time{seconds(2)});
  scheduler_.RunFor(seconds(1));
  EXPECT_EQ(ran_, "abcd");
}

TEST_F(VirtualTime, ATaskSeesItsOwnTimeAndMayArmMore) {
  Time seen;
  scheduler_.At({seconds(5)}, [&] {
    seen = scheduler_.now();
    At(1, 'x');  // in the past: as soon as possible, but not from inside the call
    EXPECT_EQ(ran_, "");
  });
  scheduler_.RunUntil({seconds(10)});
  EXPECT_EQ(seen, Time{seconds(5)});
  EXPECT_EQ(ran_, "x");
  EXPECT_EQ(scheduler_.now(), Time{seconds(10)});
}

TEST_F(VirtualTime, ACancelledTimerDoesNotRunAndCancellingAgainIsHarmless) {
  const auto a = At(1, 'a');
  At(1, 'b');
  EXPECT_NE(a, 0U);
  scheduler_.Cancel(a);
  scheduler_.Cancel(a);
  scheduler_.Cancel(0);
  scheduler_.RunUntil({seconds(1)});
  EXPECT_EQ(ran_, "b");
}

TEST_F(VirtualTime, ATaskMayCancelAnotherThatIsDueAtTheSameTime) {
  Scheduler::TimerId victim = 0;
  scheduler_.At({seconds(1)}, [&] { scheduler_.Cancel(victim); });
  victim = At(1, 'v');
  scheduler_.RunUntil({seconds(2)});
  EXPECT_EQ(ran_, "");
}

TEST_F(VirtualTime, RunsUntilAConditionHoldsOrTheLimitPasses) {
  At(1, 'a');
  At(2, 'b');
  At(9, 'c');
  EXPECT_TRUE(scheduler_.RunUntilTrue([this] { return ran_ == "ab"; }, seconds(5)));
  EXPECT_EQ(scheduler_.now(), Time{seconds(2)});
  EXPECT_FALSE(scheduler_.RunUntilTrue([this] { return ran_ == "abc"; }, seconds(5)));
  EXPECT_EQ(scheduler_.now(), Time{seconds(7)});
}

}  // namespace
}  // namespace sw
