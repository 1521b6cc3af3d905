#include "device/linux/mender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sw::device {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class MenderTest : public testing::Test {
 protected:
  int Mended(int times, Duration between) {
    int out = 0;
    for (int n = 0; n < times; ++n, now_.since += between)
      out += mender_.May("address 10.0.0.1/24 of eth0", now_) ? 1 : 0;
    return out;
  }
  Time now_{};
  std::vector<std::string> said_;
  std::vector<Time> again_;
  Mender mender_{{[this](const std::string& text, bool) { said_.push_back(text); },
                  [this](Time when) { again_.push_back(when); }}};
};

TEST_F(MenderTest, PutsBackAndSaysSoOnce) {
  EXPECT_EQ(Mended(3, seconds(1)), 3);
  EXPECT_THAT(said_, ElementsAre("address 10.0.0.1/24 of eth0 was taken away and is put back"));
}

TEST_F(MenderTest, GivesUpAloudWhereSomebodyFightsIt) {
  EXPECT_EQ(Mended(100, seconds(1)), Mender::kTries);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("is put back"), HasSubstr("given up for 10 minutes")));
  ASSERT_EQ(again_.size(), 1U);
  EXPECT_EQ(again_[0], Time{seconds(Mender::kTries) + Mender::kRest});
}

TEST_F(MenderTest, TriesAnewAfterARest) {
  EXPECT_FALSE(mender_.Rests("address 10.0.0.1/24 of eth0", now_));
  EXPECT_EQ(Mended(10, seconds(1)), Mender::kTries);
  EXPECT_TRUE(mender_.Rests("address 10.0.0.1/24 of eth0", now_));
  EXPECT_FALSE(mender_.Rests("another", now_));
  now_.since += Mender::kRest;
  EXPECT_FALSE(mender_.Rests("address 10.0.0.1/24 of eth0", now_));
  EXPECT_EQ(Mended(1, seconds(1)), 1);
}

TEST_F(MenderTest, DoesNotMindWhatHappensNowAndThen) {
  EXPECT_EQ(Mended(100, minutes(1)), 100);
}

}  // namespace
}  // namespace sw::device
