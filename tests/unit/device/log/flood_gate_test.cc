#include "device/log/flood_gate.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

using std::chrono::seconds;
using Verdict = FloodGate::Verdict;

class FloodGateTest : public testing::Test {
 protected:
  std::int64_t Passed(std::int64_t records, Duration now, const char* digest = "PACKET") {
    std::int64_t passed = 0;
    for (std::int64_t n = 0; n < records; ++n)
      if (gate_.Take(InfoKind::kDebug, "IPSEC", digest, now) == Verdict::kPass) ++passed;
    return passed;
  }
  FloodGate gate_;
};

TEST_F(FloodGateTest, LetsABurstThroughAndThenSoManyASecond) {
  EXPECT_EQ(Passed(311679, seconds(5)), FloodGate::kBurst);
  EXPECT_EQ(Passed(5000, seconds(6)), FloodGate::kPerSecond);
  EXPECT_EQ(Passed(5000, seconds(3600)), FloodGate::kBurst);
}

TEST_F(FloodGateTest, CountsWhatItLeavesOutAndSaysWhenThatBegins) {
  EXPECT_EQ(Passed(FloodGate::kBurst, seconds(1)), FloodGate::kBurst);
  EXPECT_EQ(gate_.Take(InfoKind::kDebug, "IPSEC", "PACKET", seconds(1)), Verdict::kFirstLeftOut);
  EXPECT_EQ(gate_.Take(InfoKind::kDebug, "IPSEC", "PACKET", seconds(1)), Verdict::kLeftOut);
  const auto left = gate_.TakeLeftOut();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].module + "/" + left[0].digest, "IPSEC/PACKET");
  EXPECT_EQ(left[0].count, 2U);
  EXPECT_TRUE(gate_.TakeLeftOut().empty());
  EXPECT_EQ(gate_.Take(InfoKind::kDebug, "IPSEC", "PACKET", seconds(1)), Verdict::kFirstLeftOut);
}

TEST_F(FloodGateTest, HoldsBackNoOtherSource) {
  EXPECT_EQ(Passed(2 * FloodGate::kBurst, seconds(1)), FloodGate::kBurst);
  EXPECT_EQ(Passed(1, seconds(1), "SA"), 1);
  EXPECT_EQ(gate_.Take(InfoKind::kLog, "IPSEC", "PACKET", seconds(1)), Verdict::kPass);
}

TEST_F(FloodGateTest, GoesOnWhenItsClockBeginsAnew) {
  EXPECT_EQ(Passed(2 * FloodGate::kBurst, seconds(100)), FloodGate::kBurst);
  EXPECT_EQ(Passed(5000, seconds(0)), 0);
  EXPECT_EQ(Passed(5000, seconds(1)), FloodGate::kPerSecond);
}

}  // namespace
}  // namespace sw::device
