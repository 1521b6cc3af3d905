#include "device/clock/device_clock.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

constexpr std::int64_t kHour = 3600;

std::int64_t At(const char* date, const char* time) {
  return *SecondsOfDate(date) + *SecondsOfTime(time);
}

TEST(DeviceClock, ShowsTheMachinesTimeUntilItIsSet) {
  DeviceClock clock;
  EXPECT_EQ(clock.Local(1000), 1000);
  EXPECT_EQ(clock.ZoneName(1000), "UTC");
  clock.SetLocal(At("2007/01/15", "10:30:00"), 1000);
  EXPECT_EQ(clock.Local(1000), At("2007/01/15", "10:30:00"));
  EXPECT_EQ(clock.Local(1060), At("2007/01/15", "10:31:00")) << "it goes on";
}

TEST(DeviceClock, AddsTheZone) {
  DeviceClock clock;
  clock.Configure(TimeZone{"Z5", 5 * kHour}, {});
  EXPECT_EQ(clock.Local(0), 5 * kHour);
  EXPECT_EQ(clock.ZoneName(0), "Z5");
  clock.SetLocal(At("2007/01/15", "10:30:00"), 0);
  EXPECT_EQ(clock.Local(0), At("2007/01/15", "10:30:00"));
  EXPECT_EQ(clock.Utc(0), At("2007/01/15", "05:30:00"));
}

TEST(DeviceClock, SummerTimeOnce) {
  DeviceClock clock;
  clock.Configure({}, SummerTime{"PDT", false, At("2011/08/01", "06:00:00"), At("2011/09/01", "06:00:00"), kHour});
  EXPECT_EQ(clock.Local(At("2011/08/01", "05:59:59")), At("2011/08/01", "05:59:59"));
  EXPECT_EQ(clock.Local(At("2011/08/01", "06:00:00")), At("2011/08/01", "07:00:00"));
  EXPECT_EQ(clock.ZoneName(At("2011/08/15", "00:00:00")), "PDT");
  EXPECT_EQ(clock.ZoneName(At("2012/08/15", "00:00:00")), "UTC");
}

TEST(DeviceClock, SummerTimeEveryYearAlsoAcrossNewYear) {
  DeviceClock clock;
  clock.Configure({}, SummerTime{"S", true, At("2010/03/28", "02:00:00"), At("2010/10/31", "02:00:00"), kHour});
  EXPECT_FALSE(clock.SummerNow(At("2009/07/01", "00:00:00"))) << "not before the first year";
  EXPECT_TRUE(clock.SummerNow(At("2010/07/01", "00:00:00")));
  EXPECT_TRUE(clock.SummerNow(At("2020/07/01", "00:00:00")));
  EXPECT_FALSE(clock.SummerNow(At("2020/12/01", "00:00:00")));
  clock.Configure({}, SummerTime{"S", true, At("2010/10/01", "02:00:00"), At("2011/03/01", "02:00:00"), kHour});
  EXPECT_TRUE(clock.SummerNow(At("2015/01/15", "00:00:00")));
  EXPECT_FALSE(clock.SummerNow(At("2015/06/15", "00:00:00")));
}

TEST(DeviceClock, SettingItInSummerShowsWhatWasSet) {
  DeviceClock clock;
  clock.Configure(TimeZone{"Z", kHour},
                  SummerTime{"S", true, At("2010/03/28", "02:00:00"), At("2010/10/31", "02:00:00"), kHour});
  clock.SetLocal(At("2012/07/01", "12:00:00"), 77);
  EXPECT_EQ(clock.Local(77), At("2012/07/01", "12:00:00"));
  EXPECT_EQ(clock.Utc(77), At("2012/07/01", "10:00:00"));
}

TEST(DeviceClock, RefusesWhatIsNoDate) {
  EXPECT_FALSE(SecondsOfDate("2007/02/30"));
  EXPECT_FALSE(SecondsOfDate("soon"));
  EXPECT_FALSE(SecondsOfTime("12:00"));
}

}  // namespace
}  // namespace sw::device
