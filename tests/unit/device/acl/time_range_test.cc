#include "device/acl/time_range.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

LocalTime At(const char* clock, const char* date) {
  return *MomentOf(clock, date);
}

TEST(TimeRange, SaysNothingWhenEmpty) {
  EXPECT_FALSE(TimeRange{}.Active(At("12:00", "04/16/2005")));
}

TEST(TimeRange, WeeklyPeriodHoldsFromStartToBeforeEnd) {
  TimeRange range{{{8 * 60, 18 * 60, DaysOf("working-day")}}, {}};
  EXPECT_FALSE(range.Active(At("13:27", "04/16/2005"))) << "a Saturday, as the sibling's sample display says";
  EXPECT_TRUE(range.Active(At("13:27", "04/15/2005")));
  EXPECT_FALSE(range.Active(At("07:59", "04/15/2005")));
  EXPECT_TRUE(range.Active(At("08:00", "04/15/2005")));
  EXPECT_TRUE(range.Active(At("17:59", "04/15/2005")));
  EXPECT_FALSE(range.Active(At("18:00", "04/15/2005")));
}

TEST(TimeRange, DaysAreWhatTheirWordsSay) {
  EXPECT_EQ(DaysOf("daily"), 0x7f);
  EXPECT_EQ(DaysOf("Mon Tue Wed Thu Fri"), DaysOf("working-day"));
  EXPECT_EQ(DaysOf("Sat Sun"), DaysOf("off-day"));
  EXPECT_EQ(DaysOf("someday"), 0);
  TimeRange sundays{{{0, 24 * 60, DaysOf("Sun")}}, {}};
  EXPECT_TRUE(sundays.Active(At("23:59", "04/17/2005")));
  EXPECT_FALSE(sundays.Active(At("00:00", "04/18/2005")));
}

TEST(TimeRange, AbsoluteSpansMayBeOpen) {
  TimeRange from{{}, {{At("00:00", "01/01/2006"), {}}}};
  EXPECT_FALSE(from.Active(At("23:59", "12/31/2005")));
  EXPECT_TRUE(from.Active(At("00:00", "01/01/2006")));
  TimeRange to{{}, {{{}, At("00:00", "01/01/2006")}}};
  EXPECT_TRUE(to.Active(At("23:59", "12/31/2005")));
  EXPECT_FALSE(to.Active(At("00:00", "01/01/2006")));
}

TEST(TimeRange, OnePeriodAndOneSpanMustHoldTogether) {
  TimeRange range{{{0, 60, DaysOf("daily")}, {120, 180, DaysOf("daily")}},
                  {{At("00:00", "01/01/2006"), At("00:00", "02/01/2006")}}};
  EXPECT_TRUE(range.Active(At("00:30", "01/15/2006")));
  EXPECT_FALSE(range.Active(At("01:30", "01/15/2006")));
  EXPECT_TRUE(range.Active(At("02:30", "01/15/2006")));
  EXPECT_FALSE(range.Active(At("02:30", "02/15/2006")));
}

}  // namespace
}  // namespace sw::device
