#include "device/clock/local_time.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

TEST(LocalTime, RefusesWhatIsNoTime) {
  EXPECT_FALSE(MinuteOf("25:00"));
  EXPECT_FALSE(MinuteOf("08"));
  EXPECT_EQ(MinuteOf("24:00"), 1440);
  EXPECT_EQ(MomentOf("08:01", "01/02/1970"), 86400 + 481 * 60);
  EXPECT_FALSE(MomentOf("08:00", "02/30/2006"));
  EXPECT_FALSE(MomentOf("08:00", "x"));
}

}  // namespace
}  // namespace sw::device
